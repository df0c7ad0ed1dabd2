/** What is done when an alarm rings: a hook of one method, of the shape that cdk-monitoring-constructs made familiar. */
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';

/** An alarm that wants actions. */
export interface AlarmActionStrategyProps {
  /** The alarm: give it actions by `addAlarmAction` and `addOkAction`. */
  readonly alarm: AlarmBase;

  /** The severity under which its threshold stands, such as `Critical`. */
  readonly severity: string;

  /** Which alarm it is, such as `ServerErrorsAlarm`: its section in the runbook. */
  readonly alarmType: string;

  /** The API that it watches. */
  readonly apiName: string;
}

/** Decides what is done when an alarm rings. */
export interface IAlarmActionStrategy {
  /**
   * Gives an alarm its actions. Called once for each alarm that tells anybody.
   *
   * @param props the alarm, and how bad it is
   */
  addAlarmActions(props: AlarmActionStrategyProps): void;
}
