/** An API on the internet, for callers with a token of your identity provider, which the load balancer verifies. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Access, Auth, ModelApi, ModelHandler } from 'cdk-model-api';
import type { Construct } from 'constructs';

/** A user pool of Amazon Cognito; any provider that publishes its keys will do. */
const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const CLIENT = '1h57kf5cpq17m0eml12EXAMPLE';

export default class JwtStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const hostedZone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: 'Z0123456789EXAMPLE',
      zoneName: 'example.com',
    });

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.public({
        domainName: 'iris.example.com',
        hostedZone,
        auth: Auth.jwt({
          issuer: ISSUER,
          jwksEndpoint: `${ISSUER}/.well-known/jwks.json`,
          claims: [{ name: 'client_id', values: [CLIENT] }],
        }),
      }),
    });
  }
}
