import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FaultBoard, type Fault } from './faults.js';
import { PromptLog, type PromptLogEntry } from './prompt-log.js';
import { ServerLife } from './server-life.js';
import { defaultOptions, type SimulatorOptions } from './simulator-options.js';
import { Storage } from './storage.js';

export interface Address {
  url: string;
  port: number;
}

/**
 * A ComfyUI 0.3.64 node without models: speaks its protocol, paints real pictures, and fails when told to.
 * Disk, armed faults and the log outlive `kill()` and `restart()`; all else is lost with the server's life.
 */
export class ComfySimulator {
  readonly faults = new FaultBoard((fault) => this.noteStrike(fault));
  readonly storage: Storage;
  /** What is changed here holds from the next prompt's next node on. */
  readonly options: SimulatorOptions;
  private readonly promptLog: PromptLog;
  private life: ServerLife | undefined;
  private dying: Promise<void> = Promise.resolve();
  private port = 0;
  private onDeath: (() => void) | undefined;

  constructor(options: Partial<SimulatorOptions> & { onDeath?: () => void } = {}) {
    const { onDeath, ...rest } = options;
    this.options = { ...defaultOptions, ...rest };
    this.onDeath = onDeath;
    const dataDir = this.options.dataDir && path.resolve(this.options.dataDir);
    if (dataDir) mkdirSync(dataDir, { recursive: true });
    this.storage = new Storage(dataDir ?? mkdtempSync(path.join(os.tmpdir(), 'comfyui-simulator-')));
    this.promptLog = new PromptLog(path.join(this.storage.root, 'prompts.jsonl'));
  }

  get url(): string {
    return `http://${this.options.host}:${this.port}`;
  }

  /** What happened to every prompt, over all lives. */
  get log(): readonly PromptLogEntry[] {
    return this.promptLog.list();
  }

  /** `quiet`: nothing is queued, or the worker is dead and nothing will ever run. */
  get condition(): 'busy' | 'quiet' | 'dead' {
    if (!this.life) return 'dead';
    return this.life.isBusy ? 'busy' : 'quiet';
  }

  /** Starts a life, on the port of the last one unless told otherwise. */
  async start(port = this.port): Promise<Address> {
    if (this.life) throw new Error(`The simulator already listens on ${this.url}`);
    await this.dying;
    this.storage.prepare();
    const { options, storage, faults, promptLog } = this;
    const life = new ServerLife({ options, storage, faults, log: promptLog, die: () => void this.kill() });
    this.port = await life.begin(port, options.host);
    this.life = life;
    return { url: this.url, port: this.port };
  }

  /** Ends as SIGKILL would: connections are cut, queue and history are lost, files stay. */
  async kill(): Promise<void> {
    const { life } = this;
    this.life = undefined;
    if (!life) return this.dying;
    this.dying = life.end(true);
    this.onDeath?.();
    await this.dying;
  }

  /** A new life after a sudden death, on the same port. */
  async restart(): Promise<Address> {
    await this.kill();
    return this.start();
  }

  /** Ends in good order and leaves no handle open. A data folder that was not asked for is removed. */
  async stop(): Promise<void> {
    await this.life?.end(false);
    this.life = undefined;
    await this.dying;
    if (!this.options.dataDir) rmSync(this.storage.root, { recursive: true, force: true });
  }

  /** Beside the prompts' log, for who counts after the process is gone. */
  private noteStrike({ fault }: Fault): void {
    appendFileSync(path.join(this.storage.root, 'faults.jsonl'), `${JSON.stringify({ fault, at: new Date() })}\n`);
  }
}
