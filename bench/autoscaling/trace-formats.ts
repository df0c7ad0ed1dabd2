/**
 * Readers of public traces (github.com/Azure/AzurePublicDataset): requests a minute from the invocation counts of Azure
 * Functions 2019, one row a function with the columns 1 to 1440, and from the Azure LLM inference traces, one row a
 * request with its TIMESTAMP. Which one it is says the first line.
 */

const FUNCTIONS = 'HashOwner,HashApp,HashFunction,Trigger,1,';
const REQUESTS = 'TIMESTAMP,';
const COLUMNS_BEFORE_COUNTS = 4;
const MINUTE_MS = 60_000;

export function perMinute(csv: string): number[] {
  const [head, ...lines] = csv.split('\n').map((line) => line.trim());
  const rows = lines.filter((line) => line !== '').map((line) => line.split(','));
  if (rows.length === 0) throw new Error('The trace has no rows below its first line.');
  if (head.startsWith(FUNCTIONS)) return functionInvocations(rows);
  if (head.startsWith(REQUESTS)) return requestTimes(rows.map(([timestamp]) => timestamp));
  throw new Error(
    `The trace begins with ${JSON.stringify(head.slice(0, 60))}: known are Azure Functions 2019 (${FUNCTIONS}…) and Azure LLM inference (${REQUESTS}…).`,
  );
}

/** The sum of all functions in the file. */
function functionInvocations(rows: readonly (readonly string[])[]): number[] {
  const counts = rows.map((row) => row.slice(COLUMNS_BEFORE_COUNTS).map(Number));
  return counts[0].map((_, minute) => counts.reduce((sum, row) => sum + (row[minute] || 0), 0));
}

/** Such as `2023-11-16 18:17:03.9799600`, in the order of time. */
function requestTimes(timestamps: readonly string[]): number[] {
  const times = timestamps.map((timestamp) => Date.parse(`${timestamp.slice(0, 23).replace(' ', 'T')}Z`));
  const counts = new Array<number>(Math.floor((times[times.length - 1] - times[0]) / MINUTE_MS) + 1).fill(0);
  for (const time of times) counts[Math.floor((time - times[0]) / MINUTE_MS)] += 1;
  return counts;
}
