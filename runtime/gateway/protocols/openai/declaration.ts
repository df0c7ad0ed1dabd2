/**
 * Which of OpenAI's APIs a handler declares that it answers, and what that asks of its `predict()`:
 *
 *     openai = "chat"                 predict(messages, …)   POST /v1/chat/completions
 *     openai = "completions"          predict(prompt, …)     POST /v1/completions
 *     openai = "embeddings"           predict(input, …)      POST /v1/embeddings
 */
import type { Handler, OpenAiApi } from '../../../contract/handler';
import type { Check } from '../../validate';

export const PATHS: Record<OpenAiApi, string> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};

/** The parameter without which there is nothing to predict from, and something that it must be able to take. */
const SUBJECTS: Record<OpenAiApi, { readonly name: string; readonly example: unknown; readonly takes: string }> = {
  chat: { name: 'messages', example: [{ role: 'user', content: 'Hello' }], takes: 'a list of messages' },
  completions: { name: 'prompt', example: 'Hello', takes: 'a string' },
  embeddings: { name: 'input', example: ['Hello'], takes: 'a list of strings' },
};

export interface Parameters {
  readonly named: ReadonlySet<string>;
  /** It has `**kwargs`, or takes the whole body. */
  readonly takesOthers: boolean;
}

export function parametersOf({ input }: Handler): Parameters {
  const named = new Set(Object.keys((input.properties as object | undefined) ?? {}));
  return { named, takesOthers: input.additionalProperties !== false };
}

/** Why no request could be answered; undefined: nothing is known to be in the way. */
export function misdeclared(handler: Handler, check: Check): string | undefined {
  const { openai } = handler;
  if (openai === undefined) return undefined;
  const { name, example, takes } = SUBJECTS[openai];
  const declared = `The handler says openai = "${openai}"`;
  const { named, takesOthers } = parametersOf(handler);
  if (!named.has(name) && !takesOthers) return `${declared}, and its ${handler.signature} has no parameter ${name}.`;
  if (openai === 'embeddings' && handler.streams) return `${declared}, which are not streamed, and it is a generator.`;
  const wrong = check({ [name]: example }, 0).find(({ path }) => path === `$.${name}`);
  if (wrong !== undefined) return `${declared}, and its ${name} cannot be ${takes}: it ${wrong.message}.`;
  return undefined;
}
