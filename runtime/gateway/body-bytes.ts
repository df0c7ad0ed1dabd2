/**
 * The bytes of a body as they come in pieces. A piece of a socket costs some hundred bytes beside its own and may keep
 * 64 KiB alive, so small ones are copied together: a body in chunks of one byte takes no more memory than one in one piece.
 */

/** Pieces of at least this size are kept as they are. */
const LARGE = 16 * 1024;

const BLOCK = 64 * 1024;

/**
 * Bytes of all bodies that are still coming, which no queue bounds yet. Twice what may wait by default, so that callers
 * with slow lines hold no more memory than those that wait; a single larger one is its own limit's business.
 */
const MOST_ARRIVING_BYTES = 128 * 1024 * 1024;

let arrivingBytes = 0;

export class BodyBytes {
  length = 0;
  #arriving = 0;
  readonly #pieces: Buffer[] = [];
  #block = Buffer.alloc(0);
  /** What of the block is in use, and what of that is among the pieces. */
  #used = 0;
  #kept = 0;

  /** Whether there is room for so many more beside those of others. */
  hasRoomFor(bytes: number): boolean {
    return arrivingBytes + bytes <= MOST_ARRIVING_BYTES || arrivingBytes === this.#arriving;
  }

  add(piece: Buffer): void {
    this.length += piece.length;
    this.#arriving += piece.length;
    arrivingBytes += piece.length;
    // Most bodies are one piece, and need no copy.
    if (this.#pieces.length > 0 && piece.length < LARGE) this.#copy(piece);
    else {
      this.#keepBlock();
      this.#pieces.push(piece);
    }
  }

  /** Forgets what came. */
  clear(): void {
    this.#leave();
    this.#pieces.length = 0;
    this.#block = Buffer.alloc(0);
    this.#used = 0;
    this.#kept = 0;
  }

  /** The whole body, which is nobody's to come any more. */
  joined(): Buffer {
    this.#leave();
    this.#keepBlock();
    return this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
  }

  #leave(): void {
    arrivingBytes -= this.#arriving;
    this.#arriving = 0;
  }

  #copy(piece: Buffer): void {
    if (this.#used + piece.length > this.#block.length) {
      this.#keepBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#used = 0;
      this.#kept = 0;
    }
    this.#used += piece.copy(this.#block, this.#used);
  }

  #keepBlock(): void {
    if (this.#used > this.#kept) this.#pieces.push(this.#block.subarray(this.#kept, this.#used));
    this.#kept = this.#used;
  }
}
