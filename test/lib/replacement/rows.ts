/** An edit of every prop and every factory, by its name. */
import { ACCESS, AUTH } from './access';
import { API_PROPS } from './api-props';
import type { Change } from './change';
import { SCALING } from './choices';
import { COMPUTE } from './compute';
import { HANDLERS } from './handlers';
import { MANAGED_INSTANCES } from './managed-instances';
import { MONITORING } from './monitoring';
import { PLATFORM_PROPS } from './platform-props';
import { ROLLOUT } from './rollouts';
import { VOLUMES } from './volumes';

const CHOICES = {
  ...HANDLERS,
  ...VOLUMES,
  ...COMPUTE,
  ...MANAGED_INSTANCES,
  ...SCALING,
  ...ROLLOUT,
  ...ACCESS,
  ...AUTH,
  ...MONITORING,
};

export const ROWS: Record<string, Change> = { ...API_PROPS, ...PLATFORM_PROPS, ...CHOICES };
