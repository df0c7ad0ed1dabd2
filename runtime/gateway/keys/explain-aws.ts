/** What to do when Secrets Manager refuses or does not answer, in terms of the declaration and the network. */

const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /AccessDenied|NotAuthorized|KMS|Decryption/,
    "Allow the task role secretsmanager:GetSecretValue on it, and kms:Decrypt on its key if that is not AWS's own.",
  ],
  [/ResourceNotFound/, 'Is the ARN right, and does the secret have a value yet?'],
  [/InvalidRequest/, 'Is the secret scheduled for deletion? Restore it, or name another one.'],
  [/Credentials/, 'The task has no role, or its credentials cannot be reached.'],
  [
    /Timeout|Abort|Network|ENOTFOUND|ECONN|EAI_AGAIN|EHOSTUNREACH/,
    'Is there a way to Secrets Manager from this network: a NAT gateway, or a VPC endpoint whose security group lets the task in?',
  ],
];

export function explainAws(thrown: unknown): string {
  const { name, message, code } = thrown as Error & { code?: string };
  const said = [name, code, message].filter((part) => part !== undefined).join(' ');
  const remedy = REMEDIES.find(([pattern]) => pattern.test(said))?.[1];
  return [`${name}: ${message || code || 'no reason given'}`.replace(/\.?$/, '.'), remedy].filter(Boolean).join(' ');
}
