import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import type { FileReference } from '../../simulators/comfyui/protocol.js';
import type { SimulatorOptions } from '../../simulators/comfyui/simulator-options.js';
import { waitFor } from '../support/wait-for.js';
import type { Step } from './transcript.js';

/** Where a replay takes place: a simulated server, its disk and its life as a process. */
export class Stage {
  private simulator: ComfySimulator;

  constructor(private readonly options: Partial<SimulatorOptions>) {
    this.simulator = new ComfySimulator(options);
  }

  get url(): string {
    return this.simulator.url;
  }

  async open(leftovers: string[] = []): Promise<void> {
    await this.simulator.start();
    for (const name of leftovers) {
      const file = this.pathOf({ filename: name, subfolder: '', type: 'output' });
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '');
    }
  }

  close(): Promise<void> {
    return this.simulator.stop();
  }

  /** What the recording did to the server by other means than HTTP. */
  async change({ server, cache, removes }: Step): Promise<void> {
    if (server === 'kill') await this.simulator.kill();
    if (server === 'start') await this.simulator.restart();
    if (server === 'replace') await this.replace(cache);
    if (removes) rmSync(this.pathOf(removes));
  }

  /** The next prompt is over in the history only after somebody has looked for it there in vain. */
  armLateHistory(): void {
    this.simulator.faults.arm('history_race');
  }

  /** Until nothing more will happen by itself: the queue is empty, the worker has died, or the whole server. */
  async rest(): Promise<void> {
    await waitFor(() => this.simulator.condition !== 'busy', { what: 'an idle server' });
  }

  private async replace(cache: Step['cache']): Promise<void> {
    await this.simulator.stop();
    this.simulator = new ComfySimulator({ ...this.options, cache });
    await this.simulator.start();
  }

  private pathOf(file: FileReference): string {
    const resolved = this.simulator.storage.resolve(file);
    if (!resolved) throw new Error(`${file.filename} leads out of ${file.type}`);
    return resolved;
  }
}
