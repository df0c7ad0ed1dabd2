/** The page of a platform: a row for each API, that knows nothing of the APIs' stacks. */
import { type App, CfnParameter, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ModelPlatform, Monitoring } from '../../../lib';
import { Overview } from '../../../lib/platform/overview';
import { METRICS } from '../../../runtime/contract/metrics';
import { timing } from '../../../runtime/contract/timing';
import { testApp } from '../assembly';
import { drawnIn, type Page, pageOf } from '../dashboard-page';
import { apiIn, only, stackIn, warningsOf } from '../declaration';

const DASHBOARD = 'AWS::CloudWatch::Dashboard';

/** A platform in a stack of its own. */
function platformIn(app: App = testApp()) {
  const stack = stackIn(app, 'Shared');
  return { app, stack, platform: new ModelPlatform(stack, 'Platform') };
}

function pageIn(stack: Stack): Page {
  return pageOf(only(Template.fromStack(stack), DASHBOARD));
}

/** So many APIs, each in a stack of its own, and none with a page of its own. */
function withApis(count: number) {
  const { app, stack, platform } = platformIn();
  for (let number = 1; number <= count; number += 1) {
    const name = `api-${number}`;
    const props = { platform, path: `/${name}`, priority: number, apiName: name, monitoring: Monitoring.none() };
    apiIn(stackIn(app, `Stack${number}`), props);
  }
  return { stack, page: pageIn(stack) };
}

describe('a row', () => {
  test('has requests and errors, latency, concurrency, replicas and queue, each with its API', () => {
    const { page } = withApis(2);
    expect(page.widgets.map(({ properties }) => properties.title)).toEqual(
      ['api-1', 'api-2'].flatMap((name) => [
        `${name}: requests and errors a minute`,
        `${name}: latency (ms)`,
        `${name}: concurrency of a replica`,
        `${name}: replicas and queue`,
      ]),
    );
  });

  test('stands below the one before, and fills the page', () => {
    const { page } = withApis(2);
    expect(page.widgets.map(({ x, y, width, height }) => [x, y, width, height])).toEqual(
      [0, 5].flatMap((y) => [0, 6, 12, 18].map((x) => [x, y, 6, 5])),
    );
  });

  test("names what replicas emit, by the API's name, and nothing of its stack", () => {
    const { stack, page } = withApis(2);
    const emitted = Object.values(METRICS).map(({ emf }) => emf as string);
    expect([...drawnIn(page)].filter((name) => !emitted.includes(name))).toEqual([]);
    const text = JSON.stringify(page.widgets);
    expect(text).toContain('["ModelApi","Requests","Api","api-1"');
    expect([...text.matchAll(/<(\w+)>/g)].map(([, id]) => id)).toEqual([]);
    expect(Object.keys(Template.fromStack(stack).toJSON().Parameters ?? {})).toEqual(['BootstrapVersion']);
  });

  test('counts replicas by their reports, whatever the period', () => {
    const { page } = withApis(2);
    const replicas = page.widgets[3]?.properties.metrics?.flat();
    expect(replicas).toContainEqual(expect.objectContaining({ expression: 'reports / (PERIOD(reports) / 10)' }));
    expect(replicas).toContainEqual(expect.objectContaining({ id: 'reports', stat: 'SampleCount' }));
  });

  test('of one stack with the platform may have a name that is known at deployment only', () => {
    const { stack, platform } = platformIn();
    const { valueAsString } = new CfnParameter(stack, 'Name');
    apiIn(stack, { platform, apiName: valueAsString, monitoring: Monitoring.none() });
    expect(pageIn(stack).widgets[0]?.properties.title).toBe('<Name>: requests and errors a minute');
  });
});

test('sixty APIs have a row each, well within what CloudWatch allows', () => {
  const { stack, page } = withApis(60);
  expect(page.widgets).toHaveLength(240);
  const metrics = page.widgets.flatMap(({ properties }) => properties.metrics ?? []);
  expect(metrics.length).toBeLessThan(2500);
  expect(JSON.stringify(Template.fromStack(stack).toJSON()).length).toBeLessThan(500_000);
}, 120_000);

test('a name that is known at deployment only, in another stack, is left out and said so', () => {
  const { app, stack, platform } = platformIn();
  const other = stackIn(app, 'Other');
  const { valueAsString } = new CfnParameter(other, 'Name');
  apiIn(other, { platform, apiName: valueAsString, monitoring: Monitoring.none() });
  expect(pageIn(stack).widgets).toEqual([]);
  expect(warningsOf(stack)).toContain('cdk-model-api:overviewNeedsName');
  Annotations.fromStack(stack).hasWarning(
    '/Shared/Platform/Overview',
    Match.stringLikeRegexp('Other/Api/Service is not on the dashboard of .+ Give apiName as a plain string'),
  );
});

test('more APIs than CloudWatch has room for are left out and said so', () => {
  const stack = stackIn();
  const { apiName, service, targetGroup, logGroup } = apiIn(stack, { monitoring: Monitoring.none() });
  const overview = new Overview(stack, 'Overview');
  const numbers = { timing: timing({ requestTimeout: 55, loadTimeout: 600 }), replicaConcurrency: 1 };
  const subject = { apiName, service, targetGroups: [targetGroup], logGroup, mayHaveNone: false, gpus: 0, ...numbers };
  for (let number = 1; number <= 126; number += 1) overview.add(subject);
  expect(pageIn(stack).widgets).toHaveLength(500);
  Annotations.fromStack(stack).hasWarning(
    '/Stack/Overview',
    'Stack/Overview/Dashboard shows the first 125 APIs: CloudWatch allows no more widgets on a dashboard. Use a second platform, or a dashboard of your own [ack: cdk-model-api:overviewIsFull]',
  );
});

test('a platform without a dashboard shows nothing', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform', { dashboard: false });
  apiIn(stack, { platform, monitoring: Monitoring.none() });
  Template.fromStack(stack).resourceCountIs(DASHBOARD, 0);
});
