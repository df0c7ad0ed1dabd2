/** As much of protobuf's wire form as it takes to read a message without its schema: fields by number. */

export class Message {
  readonly #bytes = new Map<number, Buffer[]>();
  readonly #numbers = new Map<number, bigint>();

  constructor(body: Buffer) {
    let at = 0;
    const varint = () => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = body[at++] as number;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number) => {
      at += length;
      return body.subarray(at - length, at);
    };
    while (at < body.length) {
      const tag = Number(varint());
      const field = tag >> 3;
      const wire = tag & 7;
      if (wire === 0) this.#numbers.set(field, varint());
      else if (wire === 1) this.#numbers.set(field, take(8).readBigUInt64LE());
      else if (wire === 5) this.#numbers.set(field, BigInt(take(4).readUInt32LE()));
      else this.#bytes.set(field, [...this.all(field), take(Number(varint()))]);
    }
  }

  /** Strings, bytes and messages. */
  all(field: number): Buffer[] {
    return this.#bytes.get(field) ?? [];
  }

  /** 0, like protobuf's own readers, when it is left out. */
  number(field: number): bigint {
    return this.#numbers.get(field) ?? 0n;
  }
}

export const message = (body: Buffer) => new Message(body);

export const text = (of: Message, field: number) => of.all(field)[0]?.toString('utf8') ?? '';
