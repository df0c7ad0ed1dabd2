/** docs/observability.md and docs/runbook.md say what is there: every alarm, widget and query, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Monitoring } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { pageOf } from './lib/dashboard-page';
import { apiIn, only, stackIn } from './lib/declaration';
import { GpuCompute } from './lib/gpu-compute';

const DOCS = join(import.meta.dirname, '..', 'docs');
const OBSERVABILITY = readFileSync(join(DOCS, 'observability.md'), 'utf8');
const RUNBOOK = readFileSync(join(DOCS, 'runbook.md'), 'utf8');

/** An API with all that monitoring can define. */
function everything() {
  const stack = stackIn();
  const slo = { availabilityPercent: 99.9, latency: Duration.seconds(1) };
  const api = apiIn(stack, { apiName: 'iris', compute: new GpuCompute(), monitoring: Monitoring.standard({ slo }) });
  return { api, template: Template.fromStack(stack) };
}

/** Every alarm that monitoring defines, half of another or not. */
function alarms(): { AlarmDescription: string; Threshold?: number }[] {
  const { template } = everything();
  const types = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];
  const all = types.flatMap((type) => Object.entries(template.findResources(type)));
  return all.filter(([id]) => !/^Api(Rollout|Service)/.test(id)).map(([, { Properties }]) => Properties);
}

/** The threshold, the severity and the section that an alarm's description states. */
const STATED = /than (\d+(?:\.\d+)?)\b.*\. (\w+)\. Runbook: .+#(\w+)$/;

/** First cells of the rows below a heading of docs/observability.md. */
function rowsBelow(heading: string): string[] {
  const section = OBSERVABILITY.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => (cell as string).replaceAll('`', ''));
  return rows.slice(1);
}

/** What the commands of the runbook require, by the reference of the AWS CLI, and what they mean nothing without. */
const REQUIRED: { readonly [command: string]: readonly string[] } = {
  'aws cloudformation describe-stacks': ['--stack-name $STACK'],
  'aws cloudformation describe-stack-resources': ['--stack-name $STACK'],
  'aws ecs describe-services': ['--cluster $CLUSTER', '--services $SERVICE'],
  'aws ecs list-tasks': ['--cluster $CLUSTER', '--service-name $SERVICE'],
  'aws ecs describe-tasks': ['--cluster $CLUSTER', '--tasks'],
  'aws ecs update-service': ['--cluster $CLUSTER', '--service $SERVICE'],
  'aws application-autoscaling describe-scaling-activities': ['--service-namespace ecs'],
  'aws application-autoscaling register-scalable-target': [
    ...['--service-namespace ecs', '--scalable-dimension ecs:service:DesiredCount'],
    '--resource-id service/$CLUSTER/$SERVICE',
  ],
  'aws logs tail': ['$LOG_GROUP'],
};

/** Every command of a page, in a block, in a sentence or in another command, on one line with a space behind it. */
function commandsIn(page: string): string[] {
  const blocks = [...page.matchAll(/```sh\n(.+?)```/gs)].flatMap(([, block]) =>
    (block as string).replace(/\\\n\s*/g, '').split('\n'),
  );
  const spans = [...page.replace(/```.+?```/gs, '').matchAll(/`([^`]+)`/g)].map(([, span]) => span as string);
  const lines = [...blocks, ...spans].map((line) => line.replace(/\s+/g, ' '));
  return lines.flatMap((line) =>
    [...line.matchAll(/aws [a-z0-9-]+ [a-z].*?(?=aws |$)/g)].map(([found]) => `${found} `),
  );
}

/** As GitHub makes an anchor of a heading. */
function anchorsIn(page: string): string[] {
  return [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => (heading as string).toLowerCase().replaceAll(' ', '-'));
}

describe('the runbook', () => {
  test('has a section for every alarm, and an alarm for every section', () => {
    const led = alarms().map(({ AlarmDescription }) => /runbook\.md#(\w+)$/.exec(AlarmDescription)?.[1]);
    expect([...new Set(led)].sort()).toEqual(anchorsIn(RUNBOOK).sort());
  });

  test('says in each what it means, where to look, what is behind it, what to do', () => {
    const sections = RUNBOOK.split(/^## /m).slice(1);
    const said = sections.map((section) => [...section.matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, label]) => label));
    for (const labels of said) expect(labels).toEqual(['Means', 'First look', 'Usual causes', 'What to do']);
  });

  test('leads to its own sections only where there are some', () => {
    const links = [...RUNBOOK.matchAll(/\]\(#(.+?)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(5);
    expect(anchorsIn(RUNBOOK)).toEqual(expect.arrayContaining(links));
  });

  test('has commands with all that they require, and no variable that it does not set', () => {
    const commands = commandsIn(RUNBOOK);
    expect(commands.length).toBeGreaterThan(7);
    for (const command of commands) {
      const [name = ''] = /^aws [a-z0-9-]+ [a-z-]+/.exec(command) ?? [];
      expect(REQUIRED, command).toHaveProperty([name]);
      for (const argument of REQUIRED[name] ?? []) expect(command).toContain(` ${argument} `);
      expect(command).not.toMatch(/…|\.\.\./);
    }
    const set = [...RUNBOOK.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    const used = [...RUNBOOK.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
    expect(set).toEqual(expect.arrayContaining(used));
  });

  test('names queries and widgets as they are called', () => {
    const { template } = everything();
    const queries = Object.values(template.findResources('AWS::Logs::QueryDefinition'));
    const names = queries.map(({ Properties }) => Properties.Name.slice('iris/'.length));
    const titles = pageOf(only(template, 'AWS::CloudWatch::Dashboard')).widgets.map(
      ({ properties }) => properties.title,
    );
    const called = [...RUNBOOK.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(([, name]) => name as string);
    const known = [...names, ...titles, 'Queries'];
    expect(called.filter((name) => !known.some((one) => one?.startsWith(name.replace(/\s+/g, ' '))))).toEqual([]);
  });
});

describe('docs/observability.md', () => {
  test('has every alarm with its thresholds, and no other', () => {
    const types = everything().api.alarms.map(({ node }) => node.id.replace(/(Warning|Critical)$/, ''));
    expect(rowsBelow('Alarms').sort()).toEqual([...new Set([...types, 'CompositeAlarm'])].sort());
    const stated = alarms().flatMap(({ AlarmDescription }) => {
      const [, threshold, severity, anchor] = STATED.exec(AlarmDescription) ?? [];
      return anchor === undefined || anchor === 'latencyalarm' ? [] : [{ threshold, severity, anchor }];
    });
    expect(stated.length).toBeGreaterThan(8);
    for (const { threshold, severity, anchor } of stated) {
      const row = OBSERVABILITY.split('\n').find((line) => line.toLowerCase().startsWith(`| \`${anchor}\``));
      expect(row, anchor).toMatch(new RegExp(`${severity} [<>] ${threshold}\\b`));
    }
  });

  test('has every widget and every saved query, in order', () => {
    const { template } = everything();
    const page = pageOf(only(template, 'AWS::CloudWatch::Dashboard'));
    expect(rowsBelow('Dashboard')).toEqual(page.widgets.map(({ properties }) => properties.title));
    const queries = Object.values(template.findResources('AWS::Logs::QueryDefinition'));
    expect(rowsBelow('Saved queries')).toEqual(queries.map(({ Properties }) => Properties.Name.slice('iris/'.length)));
  });

  test('counts what CloudWatch bills', () => {
    const count = (slo?: { availabilityPercent: number }) => {
      const stack = stackIn();
      apiIn(stack, { monitoring: Monitoring.standard({ slo }) });
      const template = Template.fromStack(stack);
      const all = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
      const metrics = all
        .filter(([id]) => !/^Api(Rollout|Service)/.test(id))
        .map(([, { Properties }]) => Properties.Metrics?.filter((one: object) => 'MetricStat' in one).length ?? 1);
      const composites = Object.keys(template.findResources('AWS::CloudWatch::CompositeAlarm')).length;
      return [metrics.reduce((sum, one) => sum + one, 0), composites];
    };
    expect([count(), count({ availabilityPercent: 99 })]).toEqual([
      [15, 1],
      [15 + 24, 1 + 3],
    ]);
    expect(OBSERVABILITY.replace(/\s+/g, ' ')).toContain(
      '15 metrics, 1 composite alarm and 1 dashboard an API; with `slo` 24 metrics and 3 composite alarms more',
    );
  });
});
