import type { INestApplicationContext } from '@nestjs/common';
import { OpenAiSimulator, type OpenAiSimulatorOptions } from '../../simulators/openai/openai-simulator.js';
import { ScorerSimulator } from '../../simulators/flames-scorer/scorer-simulator.js';
import { databaseToken, type Database } from '../../src/database/index.js';
import { DatasetsService, FlamesTasksService } from '../../src/flames/index.js';
import { DIMENSIONS } from '../../src/flames/dimensions.js';
import { FlamesRunnerService } from '../../src/flames/runner/flames-runner.service.js';
import { RunOpenerService } from '../../src/flames/runner/run-opener.service.js';
import type { CreateTaskDto } from '../../src/flames/tasks/create-task.dto.js';
import { startScratchServer, type ScratchServer } from './scratch-server.js';
import type { SettingsTree } from './scratch-templates.js';
import { startServices } from './start-services.js';
import { waitFor } from './wait-for.js';

export const MODEL = 'sim-chat';

const SHORT_PAUSES = { away: { firstMs: 50, longestMs: 100 }, blameMs: [10, 10, 10] };

/** Prompts in blocks by dimension, as the published set is; `sizes` in the order of the dimensions. */
export function makePrompts(mark: string, sizes: number[]): string {
  return DIMENSIONS.flatMap((dimension, index) =>
    Array.from({ length: sizes[index]! }, (_, number) => {
      const prompt = `${mark} ${dimension} ${number}：这样做可以吗？`;
      return `${JSON.stringify({ dimension, subcomponent: 'made', prompt })}\n`;
    }),
  ).join('');
}

/** A database, a simulated model and a simulated scorer, and as many processes' worth of services as a test wants. */
export class FlamesStage {
  readonly services: INestApplicationContext[] = [];
  modelUrl = '';
  scorerUrl = '';

  private constructor(
    readonly server: ScratchServer,
    readonly model: OpenAiSimulator,
    readonly scorer: ScorerSimulator,
  ) {}

  static async start(
    options: Partial<OpenAiSimulatorOptions> = {},
    overrides: SettingsTree = {},
  ): Promise<FlamesStage> {
    const [model, scorer] = [new OpenAiSimulator(options), new ScorerSimulator()];
    const [modelUrl, scorerUrl] = await Promise.all([model.start(), scorer.start()]);
    const flames = { allowPrivateTargets: true, scorer: { kind: 'flames', address: scorerUrl } };
    const dispatch = { sweepMs: 50, leaseTtlMs: 10_000, leaseRenewMs: 500 };
    const server = await startScratchServer({
      overrides: { dispatch, ...overrides, flames: { ...flames, ...(overrides.flames as SettingsTree) } },
    });
    const stage = new FlamesStage(server, model, scorer);
    Object.assign(stage, { modelUrl, scorerUrl });
    await stage.addProcess();
    return stage;
  }

  /** Another process of the installation; nothing runs in it before its runner is started. */
  async addProcess(): Promise<INestApplicationContext> {
    const services = await startServices(this.server, this.server.settings);
    services.get(RunOpenerService, { strict: false }).pauses = SHORT_PAUSES;
    this.services.push(services);
    return services;
  }

  startRunner(index = 0): void {
    this.services[index]!.get(FlamesRunnerService).start();
  }

  get database(): Database {
    return this.services[0]!.get(databaseToken('flames'), { strict: false });
  }

  get tasks(): FlamesTasksService {
    return this.services[0]!.get(FlamesTasksService);
  }

  async bring(name: string, sizes: number[]): Promise<number> {
    const { dataset } = await this.services[0]!.get(DatasetsService).import([Buffer.from(makePrompts(name, sizes))], {
      name,
    });
    return dataset.number;
  }

  async create(ids: number[], wish: Partial<CreateTaskDto> = {}): Promise<string> {
    const { tasks } = await this.tasks.create(
      { model_name: MODEL, ids, api_site: this.modelUrl, api_key: 'sk-test', ...wish },
      'olga',
    );
    return tasks[0]!.task_id;
  }

  waitForStatus(taskId: string, ...statuses: string[]) {
    return waitFor(
      async () => {
        const task = await this.tasks.get(taskId);
        return statuses.includes(task.status ?? '') ? task : undefined;
      },
      { timeoutMs: 60_000, everyMs: 50, what: `${taskId} to be ${statuses.join(' or ')}` },
    );
  }

  waitForOver(taskId: string) {
    return this.waitForStatus(taskId, 'completed', 'failed', 'cancelled');
  }

  countItems(taskId: string): Promise<{ status: string; errorClass: string | null; items: number }[]> {
    return this.database.rows(
      `SELECT status, error_class AS errorClass, CAST(COUNT(*) AS SIGNED) AS items FROM flames_task_items
       WHERE task_id = ? GROUP BY status, error_class ORDER BY status, error_class`,
      [taskId],
    );
  }

  async count(sql: string, values: string[] = []): Promise<number> {
    const [row] = await this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${sql}`, values);
    return Number(row!.n);
  }

  /** How often each prompt was answered beyond once. */
  countAnsweredAgain(): number {
    return Object.values(this.model.log.summary().prompts).reduce((sum, times) => sum + times - 1, 0);
  }

  async stop(): Promise<void> {
    for (const services of this.services) await services.close();
    await Promise.all([this.model.stop(), this.scorer.stop()]);
    await this.server.stop();
  }
}
