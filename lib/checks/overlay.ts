/** What a replica of ours is told, read back from its task definition. A replica of somebody else has no such thing. */
import { OVERLAY_VARIABLE, type ServingOverlay } from '../../runtime/contract/manifest';
import type { Property } from './property';

/** Stands for what only the deployment knows: it is JSON both as a number and within a text, and no setting has it. */
const OPEN_DIGITS = '7410852096307418';

/** Undefined where no container is ours, or no word is known. Settings that only the deployment knows are left out. */
export function overlayIn(containers: readonly Property[]): ServingOverlay | undefined {
  for (const container of containers) {
    const variable = container.at('Environment').valueOf(OVERLAY_VARIABLE);
    if (variable.isGiven) return parsed(variable.pieces);
  }
  return undefined;
}

function parsed(pieces: readonly (string | undefined)[]): ServingOverlay | undefined {
  try {
    const overlay: unknown = JSON.parse(pieces.map((piece) => piece ?? OPEN_DIGITS).join(''), withoutOpen);
    return typeof overlay === 'object' && overlay !== null ? overlay : undefined;
  } catch {
    return undefined;
  }
}

/** The secret of the keys is never known by name before it is there, and that there is one is all that counts. */
function withoutOpen(name: string, value: unknown): unknown {
  const isOpen = name !== 'apiKeysSecret' && String(value).includes(OPEN_DIGITS);
  return isOpen && typeof value !== 'object' ? undefined : value;
}
