/**
 * The two APIs that answer with text, and how they write it: whole, or as the chunks of a stream. They differ in names
 * and in where the text stands.
 */
import type { Piece } from './piece';

export interface TextApi {
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  /** How the handler calls the text. */
  readonly textName: string;
  /** What the stream begins with, as the members of a chunk's choice. */
  readonly opening?: string;
  /** The members of a choice that carry the whole answer. */
  whole(piece: Piece): object;
  /** The members of a chunk's choice for a text that is JSON already. */
  ofText(json: string): string;
  ofPiece(piece: Piece): string;
  /** Those of the chunk that only says why the text ended. */
  readonly closing: string;
}

export const CHAT: TextApi = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  textName: 'content',
  opening: '"delta":{"role":"assistant","content":""}',
  whole: ({ text, toolCalls }) => ({
    message: {
      role: 'assistant',
      content: text ?? (toolCalls === undefined ? '' : null),
      refusal: null,
      tool_calls: toolCalls,
    },
  }),
  ofText: (json) => `"delta":{"content":${json}}`,
  // A part of a call says which it belongs to; a call that came whole has not had to.
  ofPiece: ({ text, toolCalls }) =>
    `"delta":${JSON.stringify({ content: text, tool_calls: toolCalls?.map((call, index) => ({ index, ...call })) })}`,
  closing: '"delta":{}',
};

export const COMPLETIONS: TextApi = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  textName: 'text',
  whole: ({ text = '' }) => ({ text }),
  ofText: (json) => `"text":${json}`,
  ofPiece: ({ text = '' }) => `"text":${JSON.stringify(text)}`,
  closing: '"text":""',
};

/** Where the handler does not say. */
export const finishReasonOf = ({ finishReason, toolCalls }: Piece) =>
  finishReason ?? (toolCalls === undefined ? 'stop' : 'tool_calls');
