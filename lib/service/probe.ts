/**
 * A way into the network for one prediction: a function in the VPC that posts straight to a ready replica. It works
 * behind any load balancer and authentication, and whoever may invoke it may predict.
 */
import { Port } from 'aws-cdk-lib/aws-ec2';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { defineProbeFunction, type ProbedApi } from './probe-function';

/** The probe function of an API. */
export class Probe extends Construct {
  public readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, api: ProbedApi) {
    super(scope, id);
    this.function = defineProbeFunction(this, api, {
      handler: 'index.handler',
      description: 'Posts a body, or the samples, to a ready replica of a model API',
      // What Lambda's own SDK and an answer of some megabytes need.
      memory: 512,
      timeout: api.timing.requestTimeout + 30,
    });
    // From the function's side: a security group of replicas that another stack defines must not name one of this stack.
    this.function.connections.allowTo(api.service, Port.tcp(SERVING_DEFAULTS.port), 'Probe');
  }
}
