/**
 * How much garbage may lie in the gateway's memory, which the model beside it cannot use. By default V8 lets its old space
 * grow to four times what is in use before it looks through it: of the 7 MiB that the gateway holds, 22 MiB of garbage.
 */
import { setFlagsFromString } from 'node:v8';

/** Of what is in use; V8 lets it be 8 MiB at least. Under full load that is a collection of 3 ms every few seconds. */
const MOST_GARBAGE_PERCENT = 50;

/** To be told before the first collection; V8 asks for it at each. */
export const GARBAGE_FLAG = '--heap-growing-percent';

export function boundGarbage(): void {
  setFlagsFromString(`${GARBAGE_FLAG}=${MOST_GARBAGE_PERCENT}`);
}
