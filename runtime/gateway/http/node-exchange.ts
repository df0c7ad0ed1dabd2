/** An exchange on Node's own HTTP server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../exchange';

export class NodeExchange implements Exchange {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly expectsContinue: boolean,
  ) {}

  get method(): string {
    return this.request.method as string;
  }

  get target(): string {
    return this.request.url as string;
  }

  get httpVersion(): string {
    return this.request.httpVersion;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  get isWhole(): boolean {
    return this.request.complete;
  }

  get isBroken(): boolean {
    return this.request.destroyed;
  }

  proceed(): void {
    if (this.expectsContinue) this.response.writeContinue();
  }

  onBody(piece: (bytes: Buffer) => void, end: () => void, lost: () => void): void {
    const { request } = this;
    request.on('data', piece).once('end', end);
    request.once('close', () => request.readableEnded || lost());
  }

  onDisconnect(callback: () => void): void {
    if (this.response.destroyed) callback();
    else this.response.once('close', () => !this.response.writableFinished && callback());
  }
}
