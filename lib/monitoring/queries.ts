/** Questions to an API's logs, saved in CloudWatch Logs Insights under the API's name. A saved query costs nothing. */
import { QueryDefinition, QueryString, type QueryStringProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { isKnown } from '../private/check';
import type { MonitoringSubject } from './subject';

const NEWEST = '@timestamp desc';

/** Newest first, for a table. */
export const ERRORS: QueryStringProps = {
  fields: ['@timestamp', 'error.code', 'error.message', 'msg', 'request_id', 'status', 'route'],
  filterStatements: ['level = "error"'],
  sort: NEWEST,
  limit: 100,
};

/** By the construct's id and the name in the console. */
const QUERIES: { readonly [id: string]: readonly [string, QueryStringProps] } = {
  Errors: ['Errors', ERRORS],
  SlowestRequests: [
    'Slowest requests',
    {
      fields: ['@timestamp', 'duration_ms', 'queue_ms', 'predict_ms', 'status', 'route', 'request_id', 'trace_id'],
      filterStatements: ['ispresent(duration_ms)'],
      sort: 'duration_ms desc',
      limit: 100,
    },
  ],
  HandlerOutput: [
    'What the handler printed (filter by request_id)',
    {
      fields: ['@timestamp', 'request_id', 'level', 'msg'],
      filterStatements: ['event = "output"'],
      sort: NEWEST,
      limit: 500,
    },
  ],
  Workers: [
    'Workers lost and loaded',
    {
      fields: ['@timestamp', 'event', 'reason', 'crashes', 'attempt', 'error.message', 'msg', '@logStream'],
      filterStatements: ['event in ["worker_lost", "loading", "loaded", "load_failed", "reloaded", "reload_failed"]'],
      sort: NEWEST,
      limit: 200,
    },
  ],
  UsageByKey: [
    'Usage by API key',
    {
      filterStatements: ['event = "key_usage"'],
      statsStatements: ['sum(requests) as requests_by_key by key_id'],
      sort: 'requests_by_key desc',
    },
  ],
};

/** What Logs Insights allows in a folder's name, and short enough that a query's name fits behind it. */
function folderOf(apiName: string): string {
  return isKnown(apiName) ? apiName.replace(/[:*/]+/g, '-').slice(0, 200) : apiName;
}

export function defineQueries(scope: Construct, { apiName, logGroup }: MonitoringSubject): QueryDefinition[] {
  return Object.entries(QUERIES).map(
    ([id, [name, query]]) =>
      new QueryDefinition(scope, `${id}Query`, {
        // A slash makes a folder in the console.
        queryDefinitionName: `${folderOf(apiName)}/${name}`,
        queryString: new QueryString(query),
        logGroups: [logGroup],
      }),
  );
}
