/** What the front uses and no package describes: undici's parser, WebAssembly without a browser's types, a fast slice. */

/** HTTP/1, compiled to WebAssembly: the one file of undici that is bundled, as bytes. */
declare module 'undici/lib/llhttp/llhttp_simd-wasm.js' {
  const wasm: Buffer;
  export = wasm;
}

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: object;
  }
}

interface Buffer {
  /** `toString('latin1', start, end)`, without looking up what the encoding is. Old, and in use by Node's own modules. */
  latin1Slice(start?: number, end?: number): string;
}
