/** Explains what AWS refuses. The service's own sentence is always shown: an explanation may be wrong, it is not. */
import { CommandFailure, EXIT, type ExitCode, interruption } from '../failure';

interface Explanation {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string;
}

const NO_CREDENTIALS: Explanation = {
  code: 'no_credentials',
  exitCode: EXIT.failed,
  hint: 'Sign in ("aws sso login" or "aws configure"), or name a profile: --profile NAME',
};
const ACCESS_DENIED: Explanation = {
  code: 'access_denied',
  exitCode: EXIT.failed,
  hint: 'The caller needs cloudformation:DescribeStacks and lambda:InvokeFunction; grantInvoke(...) gives the latter.',
};
const NO_REGION: Explanation = {
  code: 'no_region',
  exitCode: EXIT.usage,
  hint: 'Give it: --region eu-central-1, or AWS_REGION',
};
const NO_SUCH_STACK: Explanation = {
  code: 'no_such_stack',
  exitCode: EXIT.failed,
  hint: 'Stacks belong to one account and one region: check --region and --profile, or run "npx cdk list".',
};
const NOT_REACHED: Explanation = {
  code: 'aws_unreachable',
  exitCode: EXIT.unreachable,
  hint: 'Check the network, the proxy and --region.',
};

/** Runs a call, and turns what it throws into a failure that begins with what was tried. */
export async function explained<T>(attempt: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (signal.aborted) throw interruption();
    const { name, message } = error as Error;
    const { code, exitCode, hint } = explanationOf(name, message, error as NodeJS.ErrnoException);
    throw new CommandFailure(code, exitCode, `Cannot ${attempt}: ${message || name}`, { hint });
  }
}

function explanationOf(name: string, message: string, { code }: NodeJS.ErrnoException): Explanation {
  if (/CredentialsProvider|ExpiredToken|InvalidClientTokenId|UnrecognizedClient/.test(name)) return NO_CREDENTIALS;
  if (/AccessDenied|UnauthorizedOperation/.test(name)) return ACCESS_DENIED;
  if (/^Region (is missing|not accepted)/.test(message)) return NO_REGION;
  if (/does not exist/.test(message)) return NO_SUCH_STACK;
  if (code?.startsWith('E')) return NOT_REACHED;
  return { code: 'aws_failed', exitCode: EXIT.failed, hint: 'The sentence above is from AWS.' };
}
