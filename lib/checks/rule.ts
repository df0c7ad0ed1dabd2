/** What a rule of the pack is, and what it can say of a service. */
import type { Resource } from './resources';
import type { ServedService } from './served-service';

/** Errors stop a synthesis, warnings do not. */
export type Level = 'error' | 'warning';

export interface Rule {
  /** Its id, but for the name of the pack before it. */
  readonly name: string;
  readonly level: Level;
  /** What comes of it, as sentences. */
  readonly why: string;
  /** What to do: in the declaration of a ModelApi, and in anybody else's where the rule judges those too. */
  readonly remedy: { readonly ours: string; readonly others?: string };
  judge(service: ServedService): Verdict[];
}

export interface Verdict {
  /** What has to be changed. */
  readonly at: Resource;
  /** Where in it. */
  readonly property: string;
  /** What is the case, as a sentence. */
  readonly says: string;
  /** False where what the rule asks for can be known at deployment only, or in another app. */
  readonly isJudged: boolean;
}

export function found(at: Resource, property: string, says: string): Verdict {
  return { at, property, says, isJudged: true };
}

export function notJudged(at: Resource, property: string, says: string): Verdict {
  return { at, property, says, isJudged: false };
}
