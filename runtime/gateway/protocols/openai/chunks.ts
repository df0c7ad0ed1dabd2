/**
 * The events of one streamed answer: an opening, a chunk for each item, why it ended, what was used if both sides know
 * and want it, and `[DONE]`. A failure is an event of its own before `[DONE]`, as vLLM writes it and clients expect it.
 *
 *     data: {"id":"chatcmpl-…","object":"chat.completion.chunk",…,"choices":[{"index":0,"delta":{"content":"Hel"},…}]}
 *
 *     data: [DONE]
 */
import type { ServingError } from '../../errors';
import { type Piece, readPiece } from './piece';
import { openAiErrorBody } from './problem';
import type { Fields } from './request';
import { finishReasonOf, type TextApi } from './text-api';

/** What all chunks of an answer, or its one document, have in common. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export class Chunks {
  /** Up to the choices. */
  readonly #head: string;
  /** After them. */
  readonly #tail: string;
  #finishReason?: string;
  #toolCalls?: Piece['toolCalls'];
  #usage?: Fields;

  constructor(
    private readonly api: TextApi,
    { id, created, model }: Head,
    private readonly wantsUsage: boolean,
  ) {
    this.#head = JSON.stringify({ id, object: api.chunkObject, created, model }).slice(0, -1);
    this.#tail = wantsUsage ? ',"usage":null}' : '}';
  }

  opening(): string {
    return this.api.opening === undefined ? '' : this.#chunk(this.api.opening, null);
  }

  /** One item that the handler yielded or returned, as JSON. */
  item(json: string): string {
    if (json.startsWith('"')) return this.#chunk(this.api.ofText(json), null);
    const piece = readPiece(JSON.parse(json), this.api.textName);
    this.#finishReason = piece.finishReason ?? this.#finishReason;
    this.#toolCalls = piece.toolCalls ?? this.#toolCalls;
    this.#usage = piece.usage ?? this.#usage;
    if (piece.text === undefined && piece.toolCalls === undefined) return '';
    return this.#chunk(this.api.ofPiece(piece), null);
  }

  closing(): string {
    const reason = finishReasonOf({ finishReason: this.#finishReason, toolCalls: this.#toolCalls });
    return this.#chunk(this.api.closing, reason) + this.#usageChunk() + DONE;
  }

  failure(error: ServingError): string {
    return event(openAiErrorBody(error)) + DONE;
  }

  #chunk(members: string, reason: string | null): string {
    const choice = `{"index":0,${members},"logprobs":null,"finish_reason":${JSON.stringify(reason)}}`;
    return event(`${this.#head},"choices":[${choice}]${this.#tail}`);
  }

  #usageChunk(): string {
    if (!this.wantsUsage || this.#usage === undefined) return '';
    return event(`${this.#head},"choices":[],"usage":${JSON.stringify(this.#usage)}}`);
  }
}

const event = (data: string) => `data: ${data}\n\n`;

const DONE = event('[DONE]');
