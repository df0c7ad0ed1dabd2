/** The manifest's schemas accept what the declarations write and name what they refuse. */
import Ajv from 'ajv/dist/2020';
import { expect, test } from 'vitest';
import {
  MANIFEST_SCHEMA,
  MANIFEST_VERSION,
  OVERLAY_SCHEMA,
  SERVING_DEFAULTS,
  type ServingManifest,
} from '../../../runtime/contract/manifest';

const ajv = new Ajv();
test('the defaults are a valid manifest and a valid overlay', () => {
  const { entry, batching, preload, ...overlay } = SERVING_DEFAULTS;
  const manifest: ServingManifest = { manifestVersion: MANIFEST_VERSION, entry, batching, preload };
  expect(ajv.validate(MANIFEST_SCHEMA, manifest), ajv.errorsText()).toBe(true);
  expect(ajv.validate(OVERLAY_SCHEMA, overlay), ajv.errorsText()).toBe(true);
});

test('the smallest manifest is valid', () => {
  const manifest: ServingManifest = { manifestVersion: MANIFEST_VERSION, entry: 'predict.py' };
  expect(ajv.validate(MANIFEST_SCHEMA, manifest)).toBe(true);
});

test('an overlay with an unknown key is refused by name', () => {
  expect(ajv.validate(OVERLAY_SCHEMA, { prot: 8080 })).toBe(false);
  expect(ajv.errors?.[0]?.params).toEqual({ additionalProperty: 'prot' });
});

test.each(['/iris', '/teams/iris-v2', ''])('the base path %j is valid', (basePath) => {
  expect(ajv.validate(OVERLAY_SCHEMA, { basePath })).toBe(true);
});

test.each(['iris', '/iris/', '/', '/a//b', '/*'])('the base path %j is refused', (basePath) => {
  expect(ajv.validate(OVERLAY_SCHEMA, { basePath })).toBe(false);
});
