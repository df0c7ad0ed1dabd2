/** One request on a connection, as whoever speaks HTTP hands it over: what a call needs of it, and no more. */

export interface Exchange {
  readonly method: string;
  /** As it stood in the request line. */
  readonly target: string;
  readonly httpVersion: string;
  /** By its name in lower case; of several of one name the first, or all joined, as HTTP has it. */
  header(name: string): string | undefined;
  /** The last byte of the body has come. */
  readonly isWhole: boolean;
  /** No more of the body will come, though it is not whole. */
  readonly isBroken: boolean;
  /** Tells a caller that waits with its body to send it. */
  proceed(): void;
  /** The body, piece by piece; `lost` when the connection ends before it does. */
  onBody(piece: (bytes: Buffer) => void, end: () => void, lost: () => void): void;
  /** The caller has gone before the answer was written. */
  onDisconnect(callback: () => void): void;
}
