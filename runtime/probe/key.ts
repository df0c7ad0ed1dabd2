/**
 * The key that the function sends to an API which asks for keys: the first of the secret. It is kept for a minute, and read
 * again when a replica refuses it. Without a secret in its environment the function sends none.
 */
import { parseApiKeys, regionOfSecret } from '../contract/api-keys';
import { PROBE_VARIABLES, type ProbeAnswer } from '../contract/probe';
import { CLIENT_OPTIONS } from './aws-client';

const KEPT_MS = 60_000;

let kept: { readonly key: string; readonly until: number } | undefined;

type Ask = (headers: Readonly<Record<string, string>>) => Promise<ProbeAnswer>;

export async function withKey(ask: Ask): Promise<ProbeAnswer> {
  const secret = process.env[PROBE_VARIABLES.apiKeysSecret];
  if (secret === undefined) return ask({});
  const answer = await ask({ 'x-api-key': await keyOf(secret) });
  if (answer.statusCode !== 401) return answer;
  kept = undefined;
  return ask({ 'x-api-key': await keyOf(secret) });
}

async function keyOf(secret: string): Promise<string> {
  if (kept !== undefined && Date.now() < kept.until) return kept.key;
  const [list] = parsed(secret, await read(secret)).values();
  kept = { key: list?.[0] as string, until: Date.now() + KEPT_MS };
  return kept.key;
}

function parsed(secret: string, text: string) {
  try {
    return parseApiKeys(text);
  } catch (error) {
    throw new Error(`the secret ${secret} ${(error as Error).message}`);
  }
}

async function read(secret: string): Promise<string> {
  // Loaded on demand: most APIs ask for no key, and a cold start waits for what is loaded.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const region = regionOfSecret(secret);
  const client = new SecretsManagerClient({ ...CLIENT_OPTIONS, ...(region && { region }) });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secret }))).SecretString ?? '';
  } catch (error) {
    throw new Error(`the API keys cannot be read from ${secret}: ${(error as Error).message}`);
  }
}
