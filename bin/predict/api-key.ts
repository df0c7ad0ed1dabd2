/**
 * The key for an API that asks for one. It comes from the environment, never from an argument: arguments stand in the
 * shell's history, and every user of the machine sees them in `ps`.
 */
import { usageFailure } from '../failure';

export const KEY_VARIABLE = 'MODEL_API_KEY';

export interface ApiKey {
  readonly headers: Readonly<Record<string, string>>;
  /** What to do when the API refuses. */
  readonly hint: string;
}

export const NO_KEY: ApiKey = {
  headers: {},
  hint: `Give an API key in the environment: read -rs ${KEY_VARIABLE} && export ${KEY_VARIABLE}`,
};

/** An empty variable is how shells say that there is none. */
export function apiKeyOf(environment: NodeJS.ProcessEnv): ApiKey {
  const key = environment[KEY_VARIABLE]?.trim() ?? '';
  if (key === '') return NO_KEY;
  if (!/^[\x21-\x7e]+$/.test(key)) throw notSendable();
  // A bearer token, because fetch drops that one when another host is redirected to.
  return { headers: { authorization: `Bearer ${key}` }, hint: `The key in ${KEY_VARIABLE} is not one of this API's.` };
}

function notSendable() {
  return usageFailure('bad_key', `${KEY_VARIABLE} holds blanks or other characters that no key has.`, {
    hint: 'Was more than the key copied?',
  });
}
