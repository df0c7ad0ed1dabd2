/** An API on the internet, for callers who have a key: certificate, name and firewall included. */
import { join } from 'node:path';
import { Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Access, Auth, ModelApi, ModelHandler, WebAcl } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class PublicWithApiKeysStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const hostedZone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: 'Z0123456789EXAMPLE',
      zoneName: 'example.com',
    });
    const keys = new Secret(this, 'Keys', {
      description: 'Keys of the callers of iris.example.com, by the ids of the callers',
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'first', excludePunctuation: true },
    });
    const reason = 'A key changes when its caller can change it too: old and new are valid side by side until then.';
    Validations.of(keys).acknowledge({ id: 'AwsSolutions-SMG4', reason });

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.public({
        domainName: 'iris.example.com',
        hostedZone,
        auth: Auth.apiKeys(keys),
        webAcl: WebAcl.standard(),
      }),
    });
  }
}
