/**
 * An estimate as a table for people: lines that grep finds, within 80 columns, and below the numbers what they rest on.
 */
import type { ApiEstimate } from '../cost/api-estimate';
import type { Item } from '../cost/billed';
import type { Estimate, SharedGroup } from '../cost/estimate';
import type { Endpoint } from '../cost/sagemaker';
import { type Columns, SITUATIONS } from '../cost/situations';
import type { Statement } from '../cost/statement';
import { shownPath } from './problem';
import type { Terminal } from './terminal';

const LABEL = 44;
const CELL = 12;
const WIDTH = LABEL + 3 * CELL;

/** What an empty cell shows. */
const NONE = '–';

export function costTable(terminal: Terminal, { apis, shared }: Estimate, statement: Statement): string {
  const bold = (text: string) => terminal.style('bold', text);
  const blocks = [...apis.map((one) => apiBlock(one, shared, bold)), ...shared.map((one) => sharedBlock(one, bold))];
  return [...blocks, footer(statement)].map((lines) => lines.join('\n')).join('\n\n');
}

type Emphasis = (text: string) => string;

function apiBlock(estimate: ApiEstimate, groups: readonly SharedGroup[], bold: Emphasis): string[] {
  const { api, region, replicas, rate, items, shared, total, perMillion, endpoint, notes } = estimate;
  const isSharing = groups.some(({ apis }) => apis.includes(api.name));
  return [
    bold(`${api.name}, ${region}`),
    ...wrapped(`${replicaText(estimate)}; ${estimate.basis}`, '', ''),
    heading('$ a month'),
    line('replicas', replicas, plain),
    line('predictions a second', rate ? { ...rate, idle: undefined } : {}, plain),
    ...itemLines(items),
    ...(isSharing ? [line('  its part of what is shared', shared, dollars)] : []),
    bold(line('total', total, dollars)),
    line('$ for a million predictions', perMillion ?? {}, dollars),
    ...(endpoint
      ? [
          line(endpointLabel(endpoint), endpoint.month, dollars),
          line('SageMaker, $ for a million predictions', endpoint.perMillion ?? {}, dollars),
        ]
      : []),
    ...notes.flatMap((note) => wrapped(note, '! ', '  ')),
  ];
}

function endpointLabel({ instance, isSame, vcpus }: Endpoint): string {
  return `SageMaker ${instance}${isSame ? '' : ` (nearest, ${vcpus} vCPU)`}`;
}

function replicaText({ api: { replica }, compute }: ApiEstimate): string {
  const gpus = replica.gpus > 0 ? `, ${replica.gpus} GPU${replica.gpus > 1 ? 's' : ''}` : '';
  return `a replica: ${plain(replica.vcpus)} vCPU, ${plain(replica.memoryGiB)} GB${gpus}, on ${compute}`;
}

function sharedBlock({ apis, items, total }: SharedGroup, bold: Emphasis): string[] {
  return [
    ...wrapped(`Shared, split evenly: ${apis.join(', ')}`, '', '  ').map(bold),
    heading('$ a month'),
    ...itemLines(items),
    bold(line('total', total, dollars)),
  ];
}

function footer(statement: Statement): string[] {
  const { assumptions, leftOut } = statement;
  return [
    ...wrapped(`An estimate, by ${pricesText(statement)}`, '', ''),
    'It takes for granted:',
    ...assumptions.flatMap((one) => wrapped(one, '- ', '  ')),
    'It leaves out:',
    ...leftOut.flatMap((one) => wrapped(one, '- ', '  ')),
  ];
}

function pricesText({ priceDate, priceSource, overriddenBy }: Statement): string {
  if (!overriddenBy) return `prices of ${priceDate}: ${priceSource}`;
  const { file, date, source } = overriddenBy;
  const itself = [date, source].filter((one) => one !== undefined).join(': ');
  const by = `${shownPath(file)}${itself ? ` (${itself})` : ''}`;
  return `the table of ${priceDate}, overridden by ${by}. The table: ${priceSource}`;
}

function itemLines(items: readonly Item[]): string[] {
  return items.map(({ label, cost }) => line(`  ${label}`, cost, dollars));
}

function heading(label: string): string {
  return label.padEnd(LABEL) + SITUATIONS.map((situation) => situation.padStart(CELL)).join('');
}

function line(label: string, cells: Partial<Columns>, format: (value: number) => string): string {
  const shown = SITUATIONS.map((situation) => {
    const value = cells[situation];
    return (value === undefined ? NONE : format(value)).padStart(CELL);
  });
  return label.padEnd(LABEL) + shown.join('');
}

function dollars(value: number): string {
  return value.toFixed(2);
}

function plain(value: number): string {
  return String(Number(value.toFixed(2)));
}

function wrapped(text: string, first: string, next: string): string[] {
  const lines: string[] = [];
  let current = first;
  for (const word of text.split(' ')) {
    const isEmpty = current === first || current === next;
    if (!isEmpty && current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = next + word;
    } else {
      current += isEmpty ? word : ` ${word}`;
    }
  }
  return [...lines, current];
}
