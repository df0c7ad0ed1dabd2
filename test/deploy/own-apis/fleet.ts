/** What a fleet of instances has that moto 5.2.5's CloudFormation leaves out of `examples/ec2-binpack`, beside an API's. */
import { CreateCapacityProviderCommand, DescribeCapacityProvidersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { inCamelCase, type OwnApi, type Properties } from './own-api';

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
