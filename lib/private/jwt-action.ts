/**
 * The load balancer's verification of tokens with claims, which the CDK's own action cannot express yet. It also opens
 * the load balancer's way to the issuer's keys.
 */
import { Port } from 'aws-cdk-lib/aws-ec2';
import { type CfnListener, type IApplicationListener, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct, IConstruct } from 'constructs';

export class JwtAction extends ListenerAction {
  constructor(jwtValidationConfig: CfnListener.JwtValidationConfigProperty, next: ListenerAction) {
    super({ type: 'jwt-validation', jwtValidationConfig }, next);
  }

  public override bind(scope: Construct, listener: IApplicationListener, associating?: IConstruct): void {
    super.bind(scope, listener, associating);
    listener.connections.allowToAnyIpv4(Port.tcp(443), "Keys of the tokens' issuer");
  }
}
