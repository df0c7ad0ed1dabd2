/**
 * llhttp, the HTTP/1 parser of Node, compiled to WebAssembly by undici, which is Node's own client: the same strictness
 * without the streams and events that node:http builds around it. No lenient flag is ever set. This file knows memory
 * and callbacks; what a request is made of is collected by `request-parser.ts`.
 */
import wasm = require('undici/lib/llhttp/llhttp_simd-wasm.js');

/** A parser's callbacks: nonzero stops it, with that as its code. Places are in `input`, lengths in bytes. */
export interface ParserEvents {
  onBegin(): number;
  onTarget(at: number, length: number): number;
  onHeaderName(at: number, length: number): number;
  onHeaderValue(at: number, length: number): number;
  onHead(keepsAlive: boolean): number;
  onBody(at: number, length: number): number;
  onEnd(): number;
}

/** Its error numbers that are not errors, and one that it leaves to us. */
export const OK = 0;
export const PAUSED = 21;
export const PAUSED_UPGRADE = 22;
export const STOPPED = 24;

/** What it parses requests by; responses would be 2. */
const REQUEST = 1;

/** A read of a socket is no larger. */
export const INPUT_BYTES = 64 * 1024;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_resume(parser: number): void;
  llhttp_resume_after_upgrade(parser: number): void;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_method_name(method: number): number;
  llhttp_get_http_major(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
}

/** Whose bytes are being parsed: there is one instance, and parsing never waits. */
let events: ParserEvents;

const env = {
  wasm_on_message_begin: () => events.onBegin(),
  wasm_on_url: (_: number, at: number, length: number) => events.onTarget(at - inputAt, length),
  wasm_on_status: () => OK,
  wasm_on_header_field: (_: number, at: number, length: number) => events.onHeaderName(at - inputAt, length),
  wasm_on_header_value: (_: number, at: number, length: number) => events.onHeaderValue(at - inputAt, length),
  wasm_on_headers_complete: (_: number, _status: number, _upgrade: number, keepsAlive: number) =>
    events.onHead(keepsAlive === 1),
  wasm_on_body: (_: number, at: number, length: number) => events.onBody(at - inputAt, length),
  wasm_on_message_complete: () => events.onEnd(),
};

const llhttp = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports as Exports;
llhttp._initialize();

const inputAt = llhttp.malloc(INPUT_BYTES);

/** The bytes that are being parsed. Memory that has grown is another one. */
export let input = Buffer.from(llhttp.memory.buffer, inputAt, INPUT_BYTES);

const methodNames: string[] = [];

/** One parser's state in the memory of WebAssembly, to be given back with `free`. */
export class Llhttp {
  #pointer = llhttp.llhttp_alloc(REQUEST);

  constructor(private readonly events: ParserEvents) {}

  /** Parses a part of `bytes`; anything but OK says that it stopped, at `position`. */
  execute(bytes: Buffer, from: number, to: number): number {
    if (input.buffer !== llhttp.memory.buffer) input = Buffer.from(llhttp.memory.buffer, inputAt, INPUT_BYTES);
    bytes.copy(input, 0, from, to);
    events = this.events;
    return llhttp.llhttp_execute(this.#pointer, inputAt, to - from);
  }

  /** Where it stopped, counted from the first byte that it was given. */
  get position(): number {
    return llhttp.llhttp_get_error_pos(this.#pointer) - inputAt;
  }

  resume(): void {
    llhttp.llhttp_resume(this.#pointer);
  }

  resumeAfterUpgrade(): void {
    llhttp.llhttp_resume_after_upgrade(this.#pointer);
  }

  get method(): string {
    const number = llhttp.llhttp_get_method(this.#pointer);
    methodNames[number] ??= textAt(llhttp.llhttp_method_name(number));
    return methodNames[number] as string;
  }

  get httpVersion(): string {
    const [major, minor] = [llhttp.llhttp_get_http_major(this.#pointer), llhttp.llhttp_get_http_minor(this.#pointer)];
    return major === 1 && minor === 1 ? '1.1' : `${major}.${minor}`;
  }

  free(): void {
    llhttp.llhttp_free(this.#pointer);
    this.#pointer = 0;
  }
}

function textAt(pointer: number): string {
  const bytes = Buffer.from(llhttp.memory.buffer, pointer);
  return bytes.latin1Slice(0, bytes.indexOf(0));
}
