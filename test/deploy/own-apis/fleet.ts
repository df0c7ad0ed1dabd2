/** What a fleet of instances has that moto 5.2.5's CloudFormation leaves out of `examples/ec2-binpack`, beside an API's. */
import { CreateCapacityProviderCommand, DescribeCapacityProvidersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { type ClientOptions, inCamelCase, type OwnApi, type Properties } from './own-api';

export const FLEET_APIS: Record<string, OwnApi> = {
  'AWS::ECS::CapacityProvider': async (properties, options) => {
    const client = new ECSClient(options);
    const sent = { name: 'generated', ...(inCamelCase(properties) as Properties) };
    await client.send(new CreateCapacityProviderCommand(sent));
    const { capacityProviders } = await client.send(
      new DescribeCapacityProvidersCommand({ capacityProviders: [sent.name] }),
    );
    return { sent, received: capacityProviders?.[0], physicalId: sent.name };
  },
};

/** What a fleet with instances that are kept stopped has beside that, as in `examples/gpu`. */
export const WARM_APIS: Record<string, OwnApi> = {
  'AWS::AutoScaling::WarmPool': async (properties, options) => {
    const { InstanceReusePolicy, AutoScalingGroupName, ...plain } = properties;
    const sent: Record<string, string> = Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [name, String(value)]),
    );
    const reuse = { 'InstanceReusePolicy.ReuseOnScaleIn': String(InstanceReusePolicy.ReuseOnScaleIn) };
    await ask({ Action: 'PutWarmPool', AutoScalingGroupName, ...sent, ...reuse }, options);
    const answer = await ask({ Action: 'DescribeWarmPool', AutoScalingGroupName }, options);
    const named = Object.keys(sent).map((name) => [name, new RegExp(`<${name}>(.*?)</${name}>`).exec(answer)?.[1]]);
    return { sent, received: Object.fromEntries(named) };
  },
};

/** Auto Scaling's API as it is: its client is not among the development dependencies. */
async function ask(parameters: Record<string, string>, { endpoint, region }: ClientOptions): Promise<string> {
  const credential = `test/20260101/${region}/autoscaling/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`;
  const body = new URLSearchParams({ Version: '2011-01-01', ...parameters });
  const response = await fetch(endpoint, { method: 'POST', headers: { authorization }, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${parameters.Action}: ${response.status} ${answer}`);
  return answer;
}
