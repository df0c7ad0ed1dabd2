/** The error budget: how fast it is spent, over which windows, from how many requests on. */
import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Monitoring, type StandardMonitoringOptions } from '../../../lib';
import { declared } from '../declaration';
import { alarm, COMPOSITE, expressionOf, type MathPart } from './alarm';

describe('the error budget', () => {
  const slo = { availabilityPercent: 99.9 };

  /** Threshold, seconds and fewest requests of an alarm's halves. */
  function windowsOf(id: string, options: StandardMonitoringOptions = { slo }) {
    return ['Long', 'Short'].map((half) => {
      const found = alarm(`${id}${half}`, options);
      const { Threshold, Metrics } = found.Properties;
      const least = / >= (\d+), /.exec(expressionOf(found) ?? '')?.[1];
      return [Threshold, Metrics.find((one: MathPart) => one.MetricStat).MetricStat.Period, Number(least)];
    });
  }

  test("is watched over a long and a short window at once, at the workbook's three rates", () => {
    expect(['BurnRateAlarm', 'BurnRateAlarmWarning', 'SlowBurnAlarm'].flatMap((id) => windowsOf(id))).toEqual([
      [14.4, 3600, 120],
      [14.4, 300, 10],
      [6, 21_600, 120],
      [6, 1800, 10],
      [1, 259_200, 120],
      [1, 21_600, 10],
    ]);
  });

  test('is judged by as many requests as are said for the short window, and in proportion for the long one', () => {
    const pair = { maxBurnRate: 10, longWindow: Duration.minutes(25), shortWindow: Duration.minutes(10) };
    const windows = [7, 0].map((minRequests) => {
      const burnRateAlarm = { Critical: { ...pair, minRequests } };
      return windowsOf('BurnRateAlarm', { slo, burnRateAlarm }).map(([, , least]) => least);
    });
    expect(windows).toEqual([
      [18, 7],
      [1, 1],
    ]);
  });

  test('may be watched over a week', () => {
    const Ticket = { maxBurnRate: 1, longWindow: Duration.days(7), shortWindow: Duration.days(1) };
    const [long] = windowsOf('SlowBurnAlarmTicket', { slo, slowBurnAlarm: { Ticket } });
    expect(long).toEqual([1, 604_800, 70]);
  });

  test('rings when both windows do, and says so', () => {
    const { AlarmRule, AlarmDescription } = alarm('BurnRateAlarm', { slo }).Properties;
    const half = (name: string) => ({ 'Fn::GetAtt': [expect.stringMatching(`^ApiBurnRateAlarm${name}`), 'Arn'] });
    expect(AlarmRule['Fn::Join'][1]).toEqual(['(ALARM("', half('Long'), '") AND ALARM("', half('Short'), '"))']);
    expect(AlarmDescription).toContain(
      ': the error budget is spent more than 14.4 times too fast over 1 hour and over 5 minutes. Critical.',
    );
  });

  test('is spent by errors and refusals, against what the objective lets fail', () => {
    const long = alarm('BurnRateAlarmLong', { slo });
    expect(expressionOf(long)).toBe(
      'IF((requests - clientErrors) >= 120, 100 * (serverErrors + shed) / (requests - clientErrors) / (100 - 99.9), 0)',
    );
    const counted = long.Properties.Metrics.flatMap(({ Id, MetricStat }: MathPart) =>
      MetricStat ? [[Id, MetricStat.Metric.MetricName, MetricStat.Stat]] : [],
    );
    expect(counted).toEqual([
      ['requests', 'Requests', 'Sum'],
      ['clientErrors', 'ClientErrors', 'Sum'],
      ['serverErrors', 'ServerErrors', 'Sum'],
      ['shed', 'Shed', 'Sum'],
    ]);
  });

  test('has windows and rates of your own, and no alarm for an empty map', () => {
    const Page = { maxBurnRate: 10, longWindow: Duration.hours(2), shortWindow: Duration.minutes(10) };
    const { AlarmDescription } = alarm('BurnRateAlarmPage', { slo, burnRateAlarm: { Page } }).Properties;
    expect(AlarmDescription).toContain('more than 10 times too fast over 2 hours and over 10 minutes. Page.');
    const none = declared({ monitoring: Monitoring.standard({ slo, burnRateAlarm: {}, slowBurnAlarm: {} }) });
    none.resourceCountIs(COMPOSITE, 1);
  });

  test('is not watched when nothing is promised', () => {
    expect(alarm('BurnRateAlarm')).toBeUndefined();
  });
});
