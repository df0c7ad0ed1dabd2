/**
 * Ctrl-C, once to stop in good order and a second time to stop at once. A closed terminal and a polite kill count the
 * same. Commands get signals to hand on; nobody else listens to the process.
 */
export interface Interrupts {
  /** The user asked to stop. */
  readonly asked: AbortSignal;
  /** The user asked again. */
  readonly insisted: AbortSignal;
}

export function watchInterrupts(): Interrupts {
  const asked = new AbortController();
  const insisted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => (asked.signal.aborted ? insisted : asked).abort());
  }
  return { asked: asked.signal, insisted: insisted.signal };
}

/** Resolves when the signal is given. */
export function given(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
