import { setTimeout } from 'node:timers/promises';
import { ApiClient } from './api-client.js';

const TASK = { prompt: 'a cat', width: 64, height: 64 };

/** Submits a task every so often, to whichever process answers, until it is told to stop; their ids. */
export class SteadySubmits {
  readonly taskIds: string[] = [];
  refused = 0;
  lastRefusal = 'none';
  private isStopped = false;
  private readonly running: Promise<void>;
  private readonly clients = new Map<string, ApiClient>();

  constructor(
    private readonly urls: () => string[],
    private readonly user: { username: string; password: string },
    private readonly everyMs: number,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<string[]> {
    this.isStopped = true;
    await this.running;
    return this.taskIds;
  }

  private async run(): Promise<void> {
    for (let turn = 0; !this.isStopped; turn += 1) {
      const urls = this.urls();
      // A process that was killed a moment ago refuses; the next turn goes to another one.
      await this.submit(urls[turn % urls.length]!).catch((error: unknown) => this.noteRefusal(error as Error));
      await setTimeout(this.everyMs);
    }
  }

  private async submit(url: string): Promise<void> {
    const { username, password } = this.user;
    const client = this.clients.get(url) ?? (await ApiClient.signIn(url, username, password));
    this.clients.set(url, client);
    this.taskIds.push(await client.submit(TASK));
  }

  /** Another sign-in may be needed too. */
  private noteRefusal({ message }: Error): void {
    this.refused += 1;
    this.lastRefusal = message;
    this.clients.clear();
  }
}
