/**
 * What of a template can be reached by whom, and what somebody could do with it. Each judge names what it finds, by
 * resource; what it takes for granted stands in its sentence. It reads templates, so what was given by id is not seen.
 */
import { asText, type Json, type Resource, resourcesIn, type StackTemplate } from './whole-apps';

type Judge = (templates: readonly StackTemplate[]) => string[];

interface Rule {
  readonly by: string;
  readonly group: string;
  readonly from: string;
  readonly first: number;
  readonly last: number;
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'];
const WEB = [80, 443];
export const SERVING = 8080;
export const MANAGEMENT = 8081;

const named = ({ stack, id }: Resource) => `${stack}/${id}`;

/** Ingress rules, inline and apart; a group by its id in its stack, or by what another stack calls it. */
export function ingressIn(templates: readonly StackTemplate[]): Rule[] {
  const inline = resourcesIn(templates, 'AWS::EC2::SecurityGroup').flatMap((group) =>
    (group.properties.SecurityGroupIngress ?? []).map((rule: Json) => ruleOf(group, group.id, rule)),
  );
  const apart = resourcesIn(templates, 'AWS::EC2::SecurityGroupIngress');
  return [...inline, ...apart.map((rule) => ruleOf(rule, asText(rule.properties.GroupId), rule.properties))];
}

function ruleOf(resource: Resource, group: string, rule: Json): Rule {
  const { CidrIp, CidrIpv6, SourcePrefixListId, IpProtocol, FromPort = 0, ToPort = FromPort } = rule;
  const from = CidrIp ?? CidrIpv6 ?? SourcePrefixListId ?? 'group';
  const [first, last] = IpProtocol === '-1' ? [0, 65_535] : [FromPort, ToPort];
  return { by: named(resource), group: group.replace(/^<|\.GroupId>$/g, ''), from: asText(from), first, last };
}

/** Everywhere gets in at 80 and 443, and there only where a load balancer faces the internet. */
export const worldWide: Judge = (templates) => {
  const facing = resourcesIn(templates, 'AWS::ElasticLoadBalancingV2::LoadBalancer').filter(
    ({ properties }) => properties.Scheme === 'internet-facing',
  );
  const doors = facing.flatMap(({ properties }) => properties.SecurityGroups.map(asText)).join();
  return ingressIn(templates)
    .filter(({ from }) => EVERYWHERE.includes(from))
    .filter(({ group, first, last }) => !(doors.includes(group) && first === last && WEB.includes(first)))
    .map(({ by, from, first, last }) => `${by} lets in ${from} at ${first}-${last}`);
};

/** Who gets to a replica: the groups of load balancer and probe, and at the management port whom `scrapers` names. */
export const replicas: (scrapers: readonly string[]) => Judge = (scrapers) => (templates) =>
  ingressIn(templates)
    .filter(({ from }) => from !== 'group')
    .filter(({ first, last }) => first <= MANAGEMENT && last >= SERVING)
    .filter(({ from, first }) => !(first === MANAGEMENT && scrapers.includes(from)))
    .map(({ by, from, first, last }) => `${by} lets in ${from} at ${first}-${last}`);

/** Nothing that runs has a public address. */
export const publicAddresses: Judge = (templates) => [
  ...resourcesIn(templates, 'AWS::ECS::Service')
    .filter(({ properties }) => properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp !== 'DISABLED')
    .map((service) => `${named(service)} gives tasks public addresses`),
  ...resourcesIn(templates, 'AWS::EC2::Instance').map((instance) => `${named(instance)} is an instance`),
  ...resourcesIn(templates, 'AWS::Lambda::Url').map((url) => `${named(url)} is a URL of a function`),
];

/** No action is a wildcard, and what may be done to everything is in the list. */
export const permissions: (wide: Readonly<Record<string, string>>) => Judge = (wide) => (templates) =>
  resourcesIn(templates).flatMap((resource) =>
    statementsOf(resource).flatMap(({ Effect, Action, Resource: on }) => {
      if (Effect !== 'Allow') return [];
      const actions = [Action].flat().map(asText);
      const all = [on].flat().map(asText).includes('*');
      return actions
        .filter((action) => (action.includes('*') ? !NARROW.test(action) : all && !(action in wide)))
        .map((action) => `${named(resource)} allows ${action} on ${all ? '*' : 'something'}`);
    }),
  );

/** What the CDK's own grants say: a family of one verb, on one bucket. */
const NARROW = /^s3:(GetObject|GetBucket|List|DeleteObject|Abort)\*$/;

function statementsOf({ properties }: Resource): Json[] {
  const inline = (properties.Policies ?? []).flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement);
  return [...(properties.PolicyDocument?.Statement ?? []), ...inline];
}

/** No bucket is open, and none is opened by a policy. */
export const buckets: Judge = (templates) => [
  ...resourcesIn(templates, 'AWS::S3::Bucket')
    .filter(({ properties }) => {
      const block = Object.values(properties.PublicAccessBlockConfiguration ?? {});
      return block.length !== 4 || !block.every((one) => one === true) || 'AccessControl' in properties;
    })
    .map((bucket) => `${named(bucket)} does not block public access`),
  ...resourcesIn(templates, 'AWS::S3::BucketPolicy')
    .filter((policy) =>
      statementsOf(policy).some(({ Effect, Principal }) => Effect === 'Allow' && isEverybody(Principal)),
    )
    .map((policy) => `${named(policy)} allows everybody`),
];

const isEverybody = (principal: Json) => principal === '*' || principal?.AWS === '*';

const SECRET_NAME = /(password|passwd|secret|token|api_?key|private_?key|credentials?)$/i;
const SECRET_VALUE = /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|"SecretString":"[^"]|eyJ[\w-]{10,}\.eyJ/;

/** No text looks like a key, and no variable that is called like one has its value in the template. */
export const secrets: Judge = (templates) => [
  ...templates
    .filter(({ template }) => SECRET_VALUE.test(JSON.stringify(template)))
    .map(({ stack }) => `${stack} has a text that looks like a key`),
  ...resourcesIn(templates, 'AWS::ECS::TaskDefinition').flatMap((task) =>
    task.properties.ContainerDefinitions.flatMap(({ Environment = [] }: Json) =>
      Environment.filter(({ Name }: Json) => SECRET_NAME.test(Name)).map(
        ({ Name }: Json) => `${named(task)} sets ${Name}`,
      ),
    ),
  ),
];
