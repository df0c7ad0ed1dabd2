/** Bodies that are nested deeper than the API allows, or deeper than anything reads. */
import { expect, test } from 'vitest';
import { serve } from '../serve';
import { handler } from '../worker/handlers';

const deep = (levels: number) => `{"value": ${'['.repeat(levels)}${']'.repeat(levels)}}`;

test('nesting beyond the limit is told before anything is made of the body', async () => {
  const api = await serve({ handler: 'echo' });
  const send = (body: string) => api.postRaw(body, { 'content-type': 'application/json' });
  expect(await send(deep(99))).toMatchObject({ status: 200 });
  const detail = 'Arrays and objects are nested more than 100 deep, the most this API allows.';
  for (const body of [deep(100), deep(2_000_000), '['.repeat(2_000_000)])
    expect(await send(body)).toMatchObject({ status: 400, json: { code: 'invalid_json', detail } });
});

/** As good as none: what stands behind the limit must hold by itself. */
const NO_LIMIT = { maxJsonDepth: 1_000_000 };

test('nesting beyond what Python reads is the input’s fault, and costs no worker', async () => {
  const api = await serve({ handler: 'echo', overlay: NO_LIMIT });
  const reply = await api.postRaw(deep(200_000), { 'content-type': 'application/json' });
  expect(reply).toMatchObject({ status: 422, json: { detail: '$: the value is nested too deeply' } });
  expect(api.events('worker_lost')).toEqual([]);
});

test('nesting beyond what a recursive schema judges is the input’s fault', async () => {
  const tree = `from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Tree:
    children: list[Tree]
def predict(tree: Tree) -> int:
    return len(tree.children)
`;
  const api = await serve({ handler: handler(tree), overlay: NO_LIMIT });
  const nested = `{"tree": ${'{"children": ['.repeat(100_000)}${']}'.repeat(100_000)}}`;
  const reply = await api.postRaw(nested, { 'content-type': 'application/json' });
  expect(reply).toMatchObject({ status: 422, json: { errors: [{ path: '$', message: 'is nested too deeply' }] } });
});
