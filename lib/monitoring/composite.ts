/** Alarms of alarms: they need their parts' ARNs, so they stay in the API's stack. */
import { Names } from 'aws-cdk-lib';
import { CompositeAlarm, type CompositeAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** CloudWatch allows 255 characters; the id comes after. */
const LONGEST_NAME = 200;

/** The CDK's own name comes from the construct's path, and would be the same in a second deployment of the app. */
export function defineComposite(
  scope: Construct,
  id: string,
  props: Omit<CompositeAlarmProps, 'compositeAlarmName'>,
): CompositeAlarm {
  const name = Names.uniqueResourceName(scope, { maxLength: LONGEST_NAME, separator: '-' });
  return new CompositeAlarm(scope, id, { ...props, compositeAlarmName: `${name}-${id}` });
}
