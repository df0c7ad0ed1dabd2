/**
 * Turns changed files into reloads, one at a time: a change during a reload is reloaded after it. A change of the
 * dependencies makes the new environment first; until everything has loaded, the old worker serves.
 */
import { CommandFailure } from '../failure';
import type { Environment } from '../python/environment';
import type { GatewayProcess } from './gateway-process';

export interface ReloadEvents {
  /** Makes the environment of the dependencies as they are now. */
  prepare(): Promise<Environment>;
  reloaded(files: readonly string[], durationMs: number): void;
  /** What was loaded before goes on serving. */
  kept(files: readonly string[], failure: CommandFailure): void;
}

export class Reloader {
  private readonly waiting = new Set<string>();
  private running = false;

  constructor(
    private readonly gateway: GatewayProcess,
    private environment: Environment,
    private readonly events: ReloadEvents,
  ) {}

  /** Call it with what changed, relative to the model directory. */
  async changed(files: readonly string[]): Promise<void> {
    for (const file of files) this.waiting.add(file);
    if (this.running) return;
    this.running = true;
    while (this.waiting.size > 0) await this.reload(this.takeWaiting());
    this.running = false;
  }

  private takeWaiting(): string[] {
    const files = [...this.waiting];
    this.waiting.clear();
    return files;
  }

  private async reload(files: readonly string[]): Promise<void> {
    const startedAt = performance.now();
    try {
      if (files.some((file) => this.environment.sources.includes(file))) this.environment = await this.events.prepare();
      await this.gateway.reload(this.environment.python);
      this.events.reloaded(files, performance.now() - startedAt);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.events.kept(files, error);
    }
  }
}
