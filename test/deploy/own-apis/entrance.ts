/**
 * What stands in front of a public API: its certificate, the keys of its callers, its firewall. The keys are exactly the
 * types that moto 5.2.5 leaves out of `examples/public-with-api-keys` beside those of `examples/iris`.
 */
import { ACMClient, DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  AssociateWebACLCommand,
  CreateWebACLCommand,
  GetWebACLCommand,
  GetWebACLForResourceCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import type { ClientOptions, OwnApi } from './own-api';

export const ENTRANCE_APIS: Record<string, OwnApi> = {
  'AWS::CertificateManager::Certificate': async (
    { DomainName, ValidationMethod, DomainValidationOptions },
    options,
  ) => {
    const client = new ACMClient(options);
    const { CertificateArn } = await client.send(new RequestCertificateCommand({ DomainName, ValidationMethod }));
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
    const [validation] = Certificate?.DomainValidationOptions ?? [];
    await proveOwnership(DomainValidationOptions[0].HostedZoneId, validation?.ResourceRecord, options);
    const sent = { DomainName, DomainValidationOptions: [{ DomainName, ValidationMethod }] };
    return { sent, received: Certificate, physicalId: CertificateArn };
  },

  'AWS::SecretsManager::Secret': async ({ GenerateSecretString: generated, ...properties }, options) => {
    const client = new SecretsManagerClient(options);
    const { SecretStringTemplate, GenerateStringKey, ...password } = generated;
    const { RandomPassword } = await client.send(new GetRandomPasswordCommand(password));
    const SecretString = JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: RandomPassword });
    const secret = { Name: 'generated', ...properties, SecretString };
    const { ARN } = await client.send(new CreateSecretCommand(secret));
    const received = await client.send(new DescribeSecretCommand({ SecretId: ARN }));
    return { sent: properties, received, physicalId: ARN };
  },

  'AWS::WAFv2::WebACL': async (properties, options) => {
    const client = new WAFV2Client(options);
    const sent = { Name: 'generated', ...properties };
    const { Summary } = await client.send(new CreateWebACLCommand(sent));
    const { Name, Id } = Summary ?? {};
    const { WebACL } = await client.send(new GetWebACLCommand({ Name, Id, Scope: sent.Scope }));
    // The scope is no part of what the API answers with.
    const { Scope, ...kept } = sent;
    return { sent: kept, received: WebACL, physicalId: [Name, Id, Scope].join('|') };
  },

  'AWS::WAFv2::WebACLAssociation': async (properties, options) => {
    const client = new WAFV2Client(options);
    await client.send(new AssociateWebACLCommand(properties));
    const { ResourceArn, WebACLArn } = properties;
    const { WebACL } = await client.send(new GetWebACLForResourceCommand({ ResourceArn }));
    return { sent: { ARN: WebACLArn }, received: WebACL };
  },
};

interface ValidationRecord {
  readonly Name?: string;
  readonly Type?: string;
  readonly Value?: string;
}

/** As CloudFormation does it for a certificate with a hosted zone: it writes the record that ACM asks for. */
async function proveOwnership(
  HostedZoneId: string,
  record: ValidationRecord = {},
  options: ClientOptions,
): Promise<void> {
  const { Name, Value } = record;
  const ResourceRecordSet = { Name, Type: 'CNAME' as const, TTL: 60, ResourceRecords: [{ Value }] };
  const ChangeBatch = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet }] };
  await new Route53Client(options).send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch }));
}
