/** Where the containers of a replica log: one group, a stream for each container of each replica. */
import { Size } from 'aws-cdk-lib';
import { AwsLogDriverMode, LogDriver } from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

export function logsOf(logGroup: ILogGroup, streamPrefix: string): LogDriver {
  return LogDriver.awsLogs({
    logGroup,
    streamPrefix,
    // A slow CloudWatch must not stop predictions. 50 lines of half a kilobyte a second fill it in 17 minutes.
    mode: AwsLogDriverMode.NON_BLOCKING,
    maxBufferSize: Size.mebibytes(25),
  });
}
