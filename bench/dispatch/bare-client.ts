import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Workflow } from './bench-installation.js';

const LOOK_EVERY_MS = 2;

interface Ended {
  outputs: Record<string, { images?: { filename: string; subfolder: string; type: string }[] }>;
}

/** The yardstick: bare undici over one node, which knows no queue, no database and no failure. */
export class BareClient {
  private readonly pool: Pool;

  private constructor(
    url: string,
    private readonly graph: string,
  ) {
    this.pool = new Pool(url, { connections: 1 });
  }

  /** Does something with a client of each of these nodes, side by side. */
  static async each(urls: string[], workflow: Workflow, work: (client: BareClient) => Promise<void>): Promise<void> {
    const graph = await readFile(`bench/workflows/${workflow}.json`, 'utf8');
    await Promise.all(
      urls.map(async (url) => {
        const client = new BareClient(url, graph);
        await work(client);
        await client.pool.close();
      }),
    );
  }

  /** So many prompts one after the other, each as soon as the last one was answered: the node queues them up. */
  async post(count: number): Promise<void> {
    for (let posted = 0; posted < count; posted += 1) await this.postOne();
  }

  /** The same, but each is waited for and its picture fetched before the next one: the node works as it does for us. */
  async postAndFetch(count: number): Promise<void> {
    for (let posted = 0; posted < count; posted += 1) await this.fetch(await this.waitFor(await this.postOne()));
  }

  private async postOne(): Promise<string> {
    const promptId = randomUUID();
    const prompt = JSON.parse(this.graph) as { save: { inputs: { filename_prefix: string } } };
    prompt.save.inputs.filename_prefix = `cws/${promptId}/save`;
    const body = JSON.stringify({ prompt, prompt_id: promptId, client_id: 'bare', extra_data: {} });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.pool.request({ method: 'POST', path: '/prompt', headers, body });
    if (answer.statusCode !== 200) throw new Error(`A node answered ${answer.statusCode} to a bare prompt.`);
    await answer.body.dump();
    return promptId;
  }

  private async waitFor(promptId: string): Promise<Ended> {
    for (;;) {
      const { body } = await this.pool.request({ method: 'GET', path: `/history/${promptId}` });
      const entry = ((await body.json()) as Record<string, Ended>)[promptId];
      if (entry) return entry;
      await delay(LOOK_EVERY_MS);
    }
  }

  private async fetch({ outputs }: Ended): Promise<void> {
    for (const file of Object.values(outputs).flatMap(({ images = [] }) => images)) {
      const { body } = await this.pool.request({
        method: 'GET',
        path: `/view?${new URLSearchParams(file).toString()}`,
      });
      await body.dump();
    }
  }
}
