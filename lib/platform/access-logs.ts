/** Where a load balancer of our own writes who called it. */
import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';

/** Long enough to look into last quarter's incident. */
const RETENTION = Duration.days(90);

/**
 * Turns access logs on. Which account may write them depends on the region, so that in a stack without one they stay
 * off and a warning says so.
 */
export function logAccess(scope: Construct, loadBalancer: ApplicationLoadBalancer, removalPolicy: RemovalPolicy): void {
  if (Token.isUnresolved(Stack.of(loadBalancer).region)) {
    warnOfNoAccessLogs(loadBalancer);
    return;
  }
  const bucket = new Bucket(scope, 'AccessLogs', {
    // The only encryption that load balancers can write with.
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  acknowledge(bucket, 'S1', 'This bucket holds access logs; logging access to it would fill it with its own writes.');
  loadBalancer.logAccessLogs(bucket);
  // It goes before the bucket is emptied, or it would write another log into it.
  loadBalancer.node.addDependency(bucket);
}

function warnOfNoAccessLogs(loadBalancer: ApplicationLoadBalancer): void {
  Annotations.of(loadBalancer).addWarningV2(
    'cdk-model-api:noAccessLogs',
    'access logs of the load balancer are off: they need a region. Give the stack env: { region }',
  );
  acknowledge(loadBalancer, 'ELB2', 'Access logs need a region that is known at synth; a warning tells the user.');
}
