import { expect, test } from 'vitest';
import { type Ended, modelApi, temporaryFolder } from '../command';
import { type LocalServer, localServer, type Received, type Reply } from './http-server';

const answer = (statusCode: number, body: object): Reply => ({
  body: JSON.stringify({ statusCode, headers: {}, body: JSON.stringify(body), target: '10.0.0.7:8080' }),
});
const iris = { IrisProbeFunctionName1A2B3C4D: 'iris-probe', IrisUrl5E6F7A8B: 'http://internal' };
const both = { ...iris, WineProbeFunctionName9C8D7E6F: 'wine-probe' };

function describeStacks(outputs: Record<string, string>): Reply {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<member><StackName>S</StackName><Outputs>${members.join('')}</Outputs></member>`;
  const body = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  return { headers: { 'content-type': 'text/xml' }, body };
}

function awsError(status: number, code: string, message: string): Reply {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** CloudFormation answers at `/`, Lambda below `/2015-03-31/functions`. */
function aws(stack: Reply, invocation: Reply = answer(200, {})): Promise<LocalServer> {
  return localServer((request: Received) => (request.path === '/' ? stack : invocation));
}

function ask(endpoint: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return modelApi(['predict', '--stack', 'S', '--json', '{"a":9007199254740993}', ...args], {
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: `${temporaryFolder()}/config`,
      AWS_SHARED_CREDENTIALS_FILE: `${temporaryFolder()}/credentials`,
      AWS_MAX_ATTEMPTS: '1',
      ...env,
    },
  });
}

test("the stack's probe function is invoked with the body, and its answer is the result", async () => {
  const server = await aws(describeStacks(iris), answer(200, { label: 'setosa' }));
  expect(await ask(server.url)).toEqual({ code: 0, stdout: '{"label":"setosa"}\n', stderr: '' });
  expect(server.received[0].body).toContain('StackName=S');
  expect(server.received[1].path).toContain('/functions/iris-probe/invocations');
  expect(JSON.parse(server.received[1].body)).toEqual({ body: '{"a":9007199254740993}' });
});

test('of several APIs --api chooses one', async () => {
  const server = await aws(describeStacks(both));
  expect((await ask(server.url, ['--api', 'Wine'])).code).toBe(0);
  expect(server.received[1].path).toContain('/functions/wine-probe/');
});

test.each([[[]], [['--api', 'Win']]])('of several APIs none is guessed, with %j', async (args) => {
  const server = await aws(describeStacks(both));
  const { code, stderr } = await ask(server.url, args);
  expect(stderr).toBe('✗ Stack S has these APIs: Iris, Wine.\n  Choose one: --api NAME\n');
  expect(code).toBe(2);
});

test('a stack without a ModelApi is told apart from a missing one', async () => {
  const server = await aws(describeStacks({ Other: 'x' }));
  const { code, stderr } = await ask(server.url);
  expect(stderr).toContain('✗ Stack S has no output *ProbeFunctionName*: it holds no ModelApi.');
  expect(code).toBe(1);
});

test.each([
  [400, 'ValidationError', 'Stack with id S does not exist', 'Stacks belong to one account and one region'],
  [403, 'AccessDenied', 'User bob is not authorized', 'The caller needs cloudformation:DescribeStacks'],
  [403, 'ExpiredToken', 'The token has expired', 'Sign in ("aws sso login"'],
])("%i %s is shown in AWS's words and explained", async (status, code, message, hint) => {
  const server = await aws(awsError(status, code, message));
  const ended = await ask(server.url);
  expect(ended.stderr).toContain(`✗ Cannot read stack S: ${message}\n  ${hint}`);
  expect(ended.code).toBe(1);
});

test('no credentials are explained', async () => {
  const server = await aws(describeStacks(iris));
  const { code, stderr } = await ask(server.url, [], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  expect(stderr).toContain('Sign in ("aws sso login"');
  expect({ code, received: server.received }).toEqual({ code: 1, received: [] });
});

test('no region is a mistake in the arguments', async () => {
  const { code, stderr } = await ask('http://127.0.0.1:9', [], { AWS_REGION: undefined });
  expect(stderr).toBe('✗ Cannot read stack S: Region is missing\n  Give it: --region eu-central-1, or AWS_REGION\n');
  expect(code).toBe(2);
});

test('an endpoint that nobody answers ends with 5', async () => {
  const { code, stderr } = await ask('http://127.0.0.1:9');
  expect(stderr).toContain('Check the network, the proxy and --region.');
  expect(code).toBe(5);
});

test('an error of the probe function is shown with where to look', async () => {
  const thrown = { headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"no healthy replica"}' };
  const server = await aws(describeStacks(iris), thrown);
  const { code, stderr } = await ask(server.url);
  expect(stderr).toContain('The probe function iris-probe could not reach a replica: no healthy replica\n');
  expect(stderr).toContain('aws logs tail /aws/lambda/iris-probe');
  expect(code).toBe(5);
});

test("the replica's problem document is shown as that of any API", async () => {
  const server = await aws(describeStacks(iris), answer(422, { code: 'invalid_input', detail: 'No.' }));
  const { code, stderr } = await ask(server.url);
  expect(stderr).toBe('✗ The API answered 422 invalid_input: No.\n');
  expect(code).toBe(1);
});
