import { setTimeout as delay } from 'node:timers/promises';
import type { FaultBoard } from '../faults.js';
import type { NodeResult } from '../nodes/node-class.js';
import type { Catalog, NodeTable } from '../nodes/node-class.js';
import { PythonError } from '../python-error.js';
import type { SimulatorOptions } from '../simulator-options.js';
import type { Sockets } from '../sockets.js';
import type { Storage } from '../storage.js';
import { Interrupt } from './interrupt.js';
import { InstanceNames } from './instance-names.js';
import { ResultCache } from './result-cache.js';

const workerFaults = ['drop_socket', 'deafen', 'half_open', 'out_of_memory', 'execution_error', 'die', 'hang'] as const;

interface Surroundings {
  classes: NodeTable;
  catalog: Catalog;
  sockets: Sockets;
  faults: FaultBoard;
  options: SimulatorOptions;
  /** Aborted when the server goes away. */
  signal: AbortSignal;
  /** Ends the server as SIGKILL would. */
  die: () => void;
}

/** What the prompts of one server life share: cache, loaded models, the interrupt flag, and the faults that wait. */
export class Workplace {
  readonly interrupt = new Interrupt();
  readonly instances = new InstanceNames();
  readonly cache: ResultCache;
  readonly classes: NodeTable;
  readonly storage: Storage;
  readonly sockets: Sockets;
  readonly options: SimulatorOptions;
  readonly signal: AbortSignal;
  private readonly loadedModels = new Set<string>();
  private hasStruck = false;

  constructor(private readonly surroundings: Surroundings) {
    const { classes, catalog, options, sockets, signal } = surroundings;
    this.classes = classes;
    this.storage = catalog.storage;
    this.sockets = sockets;
    this.options = options;
    this.signal = signal;
    this.cache = new ResultCache(classes, catalog, options.cache === 'classic');
  }

  /** Waits; rejects at once when the server goes away. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.signal });
    else this.signal.throwIfAborted();
  }

  async loadModel(name: string): Promise<void> {
    if (this.loadedModels.has(name)) return;
    await this.wait(this.options.modelLoadMs);
    this.loadedModels.add(name);
  }

  unloadModels(): void {
    this.loadedModels.clear();
  }

  forgetResults(): void {
    this.cache.clear();
    this.instances.clear();
  }

  /** A new prompt begins, and may be struck by one fault. */
  beginPrompt(): void {
    this.hasStruck = false;
  }

  /** The middle of a prompt: the point where an armed worker fault does its harm, at most one a prompt. */
  async strike(): Promise<void> {
    const { faults } = this.surroundings;
    const fault = this.hasStruck ? undefined : workerFaults.find((kind) => faults.take(kind));
    if (!fault) return;
    this.hasStruck = true;
    switch (fault) {
      case 'drop_socket':
        return this.sockets.terminateAll();
      case 'deafen':
        return this.sockets.deafenAll();
      case 'half_open':
        return this.sockets.cutOffAll();
      case 'out_of_memory':
        this.unloadModels();
        throw new PythonError(
          'torch.OutOfMemoryError',
          'Allocation on device 0 would exceed allowed memory. (out of memory)',
        );
      case 'execution_error':
        throw new PythonError('RuntimeError', 'The simulator was told to fail');
      case 'die':
        return this.crash();
      case 'hang':
        return this.hang();
    }
  }

  /** Adds numbers that JSON does not know to what an output node tells, where that fault is armed. */
  spoil(result: NodeResult): NodeResult {
    if (!result.ui || !this.surroundings.faults.take('nan')) return result;
    return { ...result, ui: { ...result.ui, metrics: [NaN, Infinity] } };
  }

  /** Ends the server as SIGKILL would. */
  die(): void {
    this.surroundings.die();
  }

  /** Ends the server in the middle of what the worker does; never returns. */
  crash(): Promise<never> {
    this.die();
    return this.hang();
  }

  /** Never returns, until the server goes away. */
  private async hang(): Promise<never> {
    await new Promise((_, reject) => {
      const abort = () => reject(this.signal.reason as Error);
      if (this.signal.aborted) abort();
      else this.signal.addEventListener('abort', abort, { once: true });
    });
    throw new Error('A hanging worker cannot go on');
  }
}
