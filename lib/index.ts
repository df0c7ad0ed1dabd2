/** What a CDK user imports. */
export * from './access';
export * from './auth';
export * from './compute';
export * from './model-api';
export * from './model-api-metrics';
export * from './model-api-props';
export * from './model-handler';
export * from './model-platform';
export * from './monitoring';
export * from './rollout';
export * from './scaling';
export * from './service/target';
export * from './service/task';
export * from './serving-options';
export * from './serving-volume';
export * from './testing';
