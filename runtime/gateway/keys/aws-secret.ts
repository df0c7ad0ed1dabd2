/**
 * Reads the secret from AWS Secrets Manager. The only file that knows the AWS SDK, which is why it is loaded on demand: an
 * API without keys never reads a byte of it.
 */
import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ApiKeysError, regionOfSecret } from '../../contract/api-keys';
import { Deferred } from '../deferred';
import type { ReadSecret } from './api-keys';

/** A read that takes longer has failed: callers with a new key wait for it. */
const READ_LIMIT_MS = 5_000;

/**
 * Only `AWSCURRENT`. `AWSPENDING` is a key that a rotation is still trying out, and may throw away. `AWSPREVIOUS` stays
 * until the rotation after: a key that was taken out because it leaked would be let in for months.
 */
const STAGE = 'AWSCURRENT';

export function secretReader(arn: string): ReadSecret {
  const region = regionOfSecret(arn);
  const client = new SecretsManagerClient({ ...(region && { region }), maxAttempts: 2 });
  const command = new GetSecretValueCommand({ SecretId: arn, VersionStage: STAGE });
  return async () => {
    const abort = new AbortController();
    const late = new Deferred<never>();
    const limit = setTimeout(() => {
      late.reject(new ReadTimeout());
      abort.abort();
    }, READ_LIMIT_MS);
    try {
      // The SDK heeds the signal while it asks for the secret, not while it looks for credentials.
      const answer = client.send(command, { abortSignal: abort.signal });
      return textOf(await Promise.race([answer, late.promise]));
    } finally {
      // Not when it rings: until then it would keep the answer, and the keys in it, in memory.
      clearTimeout(limit);
    }
  };
}

function textOf({ SecretString: text }: GetSecretValueCommandOutput): string {
  if (text === undefined) throw new ApiKeysError('holds bytes and no text');
  return text;
}

class ReadTimeout extends Error {
  override readonly name = 'ReadTimeout';

  constructor() {
    super(`there was no answer within ${READ_LIMIT_MS / 1_000} s`);
  }
}
