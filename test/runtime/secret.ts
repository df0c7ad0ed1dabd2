/**
 * A secret with API keys in a real Secrets Manager emulator, behind a relay that counts the gateway's reads and can take
 * the service away, or let it hang. One for a suite: `const secret = secretOfKeys()` in its body, `await secret.put({...})` in its tests.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { ServingOverlay } from '../../runtime/contract/manifest';
import { type MotoServer, REGION, startMoto } from '../setup/moto/server';
import { type ServeOptions, type Serving, serve } from './serve';

export class Secret {
  arn = '';
  /** How often the gateway has asked since the test began. */
  reads = 0;
  isDown = false;
  /** Takes questions and answers none. */
  isStalled = false;
  readonly #relay = createServer((incoming, outgoing) => this.#forward(incoming, outgoing));
  #moto!: MotoServer;
  #client!: SecretsManagerClient;

  async start(): Promise<void> {
    this.#moto = await startMoto();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    this.#client = new SecretsManagerClient({ endpoint: this.#moto.endpoint, region: REGION, credentials });
    await once(this.#relay.listen(0, '127.0.0.1'), 'listening');
  }

  async stop(): Promise<void> {
    this.#relay.close();
    this.#relay.closeAllConnections();
    await this.#moto.stop();
  }

  /** A new secret for each test, still without a value. */
  async create(): Promise<void> {
    Object.assign(this, { reads: 0, isDown: false, isStalled: false });
    const { ARN } = await this.#client.send(new CreateSecretCommand({ Name: `keys-${crypto.randomUUID()}` }));
    this.arn = ARN as string;
  }

  async put(value: unknown): Promise<void> {
    const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
    await this.#client.send(new PutSecretValueCommand({ SecretId: this.arn, SecretString }));
  }

  get environment(): Record<string, string> {
    const { port } = this.#relay.address() as AddressInfo;
    const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}` };
    return { ...this.#moto.environment, ...endpoint };
  }

  /** A gateway that lets the secret's keys in; health and metrics are on a port of their own. */
  serve(options: Partial<ServeOptions> & { readonly overlay?: ServingOverlay } = {}): Promise<Serving> {
    const overlay = { apiKeysSecret: this.arn, managementPort: 0, ...options.overlay };
    return serve({ handler: 'echo', ...options, overlay, env: { ...this.environment, ...options.env } });
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.reads += 1;
    if (this.isDown) return void incoming.socket.destroy();
    if (this.isStalled) return;
    const { url = '', method, headers } = incoming;
    const forwarded = request(new URL(url, this.#moto.endpoint), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }
}

/** Belongs in a suite's body. */
export function secretOfKeys(): Secret {
  const secret = new Secret();
  beforeAll(() => secret.start());
  afterAll(() => secret.stop());
  beforeEach(() => secret.create());
  return secret;
}
