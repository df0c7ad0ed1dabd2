/** How the tests run: from the sources, with freshly built bundles, and without the CDK's slow template validator. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // jsii compiles in place and Vite would prefer the .js: tests must see the sources.
    extensions: ['.ts', '.mts', '.js', '.mjs', '.json'],
    alias: { 'cdk-model-api': new URL('./lib/index.ts', import.meta.url).pathname },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/bundles.ts', 'test/setup/docker.ts'],
    // The CDK's built-in template validator costs seconds an app; test/lib/validation.test.ts turns it on.
    env: {
      CDK_VALIDATION: 'false',
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
      NO_COLOR: '1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
