/**
 * What an API answered, and what the command makes of it: a result is data, a problem document is a failure with the
 * API's own code and words.
 */
import { CommandFailure, EXIT, type ExitCode } from '../failure';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Of a directory: no API is anywhere, only the handler. */
  readonly isFromHandler?: boolean;
  /** What to do about a key that is missing or refused. */
  readonly keyHint?: string;
  /** What the handler raised, where the command could see it: a caller over HTTP cannot. */
  readonly raised?: CommandFailure;
}

/** RFC 9457, with the fields that the gateway adds. Another server's answer may have none of them. */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly request_id?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** The result as JSON text, or the problem thrown. */
export function resultOf(answer: Answer): string {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  const problem = parseProblem(answer.body);
  const what = whatHappened(answer, problem.code);
  const why = problem.detail ?? problem.title ?? answer.body.slice(0, 500);
  const places = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  // The gateway's detail repeats the first of them.
  const more = places.filter((place) => !why.includes(place)).map((place) => `\n    ${place}`);
  const code = problem.code ?? `http_${answer.status}`;
  throw new CommandFailure(code, exitCodeOf(answer), `${what}: ${answer.raised?.message ?? why}${more.join('')}`, {
    ...answer.raised?.details,
    ...(answer.status === 401 && { hint: answer.keyHint }),
    ...(problem.retryable && { hint: 'The same request may succeed when it is sent again.' }),
  });
}

const HANDLER_SENTENCES: { readonly [code: string]: string } = {
  invalid_input: 'The handler refused the input',
  handler_error: 'The handler failed',
  invalid_result: 'The handler returned what cannot be sent',
};

function whatHappened({ status, isFromHandler }: Answer, code: string | undefined): string {
  const verdict = code ? `${status} ${code}` : `${status}`;
  const sentence = isFromHandler ? HANDLER_SENTENCES[code ?? ''] : undefined;
  return sentence ? `${sentence} (${verdict})` : `The API answered ${verdict}`;
}

/** 503 says that nothing is there to predict; every other status comes from something that is. */
function exitCodeOf({ status }: Answer): ExitCode {
  return status === 503 ? EXIT.unreachable : EXIT.failed;
}

function parseProblem(body: string): Problem {
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
