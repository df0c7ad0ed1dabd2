/** What the log is told of the secret: every change of it once, and of an outage its beginning and its end. */
import type { ApiKeys, ApiKeysError } from '../../contract/api-keys';
import type { Log } from '../log';
import { explainAws } from './explain-aws';
import { digestOf } from './key-ring';

export class SecretNews {
  #isUnreadable = false;
  /** Of the text that was told of last, good or bad. */
  #digest = '';

  constructor(
    /** The secret's ARN. */
    private readonly arn: string,
    private readonly log: Log,
  ) {}

  loaded(text: string, keys: ApiKeys): void {
    this.#readable();
    if (!this.#isNew(text)) return;
    const counts = Object.fromEntries([...keys].map(([id, list]) => [id, list.length]));
    const message = `The API keys are those of ${[...keys.keys()].join(', ')}.`;
    this.log.event('info', 'keys_loaded', message, { keys: counts });
  }

  invalid(text: string, error: ApiKeysError): void {
    this.#readable();
    if (!this.#isNew(text)) return;
    this.log.event('error', 'keys_invalid', `${this.explainInvalid(error)} The keys of before are still let in.`);
  }

  unreadable(error: unknown): void {
    if (!this.#isUnreadable) this.log.event('error', 'keys_unreadable', this.explainUnreadable(error));
    this.#isUnreadable = true;
  }

  explainInvalid({ message }: ApiKeysError): string {
    return `The secret ${this.arn} ${message}. Put a value of the form {"id": "key"}, or {"id": ["new key", "old key"]}.`;
  }

  explainUnreadable(error: unknown): string {
    return `The API keys cannot be read from ${this.arn}: ${explainAws(error)}`;
  }

  #readable(): void {
    if (this.#isUnreadable) this.log.event('info', 'keys_readable', 'The API keys can be read again.');
    this.#isUnreadable = false;
  }

  #isNew(text: string): boolean {
    const digest = digestOf(text).toString('base64');
    const isNew = digest !== this.#digest;
    this.#digest = digest;
    return isNew;
  }
}
