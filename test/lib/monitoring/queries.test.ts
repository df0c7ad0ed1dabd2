/** Saved queries: what they ask, of which logs, in which folder, and that the gateway writes what they ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declared } from '../declaration';

const QUERY = 'AWS::Logs::QueryDefinition';

interface Saved {
  readonly Name: string;
  readonly QueryString: string;
  readonly LogGroupNames: readonly object[];
}

function queries(apiName?: string): Saved[] {
  return Object.values(declared({ apiName }).findResources(QUERY)).map(({ Properties }) => Properties);
}

function query(name: string): string {
  return queries('iris').find(({ Name }) => Name === `iris/${name}`)?.QueryString ?? '';
}

describe('saved queries', () => {
  test("are in a folder of the API's name, and ask its log group alone", () => {
    const found = queries('iris');
    expect(found.map(({ Name }) => Name).sort()).toEqual([
      'iris/Errors',
      'iris/Slowest requests',
      'iris/Usage by API key',
      'iris/What the handler printed (filter by request_id)',
      'iris/Workers lost and loaded',
    ]);
    for (const { LogGroupNames } of found)
      expect(LogGroupNames).toEqual([{ Ref: expect.stringMatching(/^ApiLogGroup/) }]);
  });

  test('have names that Logs Insights takes, whatever the API is called', () => {
    for (const name of ['a:b*c//d', 'n'.repeat(255)]) {
      for (const { Name } of queries(name)) expect(Name).toMatch(/^(?=.{1,255}$)([^:*/]+\/?)*[^:*/]+$/);
    }
  });

  test('ask for errors, newest first', () => {
    expect(query('Errors')).toBe(
      'fields @timestamp, error.code, error.message, msg, request_id, status, route\n| filter level = "error"\n| sort @timestamp desc\n| limit 100',
    );
  });

  test('ask for the slowest requests, with where the time went', () => {
    expect(query('Slowest requests')).toBe(
      'fields @timestamp, duration_ms, queue_ms, predict_ms, status, route, request_id, trace_id\n| filter ispresent(duration_ms)\n| sort duration_ms desc\n| limit 100',
    );
  });

  test('ask what the handler printed, with the request that it was for', () => {
    expect(query('What the handler printed (filter by request_id)')).toBe(
      'fields @timestamp, request_id, level, msg\n| filter event = "output"\n| sort @timestamp desc\n| limit 500',
    );
  });

  test('add up the requests of each API key', () => {
    expect(query('Usage by API key')).toBe(
      'filter event = "key_usage"\n| stats sum(requests) as requests_by_key by key_id\n| sort requests_by_key desc',
    );
  });

  test('name events and fields that the gateway writes', () => {
    const folder = join(import.meta.dirname, '../../../runtime/gateway');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const gateway = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    const asked = queries('iris').map(({ QueryString }) => QueryString);
    const events = asked.flatMap((text) => /event (?:=|in) (.+)/.exec(text)?.[1]?.match(/\w+/g) ?? []);
    const fields = asked.flatMap((text) => /^fields (.+)$/m.exec(text)?.[1]?.split(', ') ?? []);
    const own = fields.filter((field) => !field.startsWith('@')).map((field) => field.replace(/^error\./, ''));
    expect(events.length).toBeGreaterThan(7);
    for (const event of events) expect(gateway, event).toMatch(new RegExp(`'${event}'`));
    for (const field of own) expect(gateway, field).toMatch(new RegExp(`\\b${field}\\b`));
  });
});
