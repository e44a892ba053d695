import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock, LOGGER, type Logger } from '../../common/index.js';
import { DatabasesHealth, DATABASE_NAMES, type DatabaseName } from '../../database/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { LoopCheck } from './loop-check.service.js';
import { MigrationCheck } from './migration-check.service.js';
import type { Problem } from './problem.js';

/** With less room than a few results need, uploads and harvests are about to fail. */
const LEAST_FREE_BYTES = 100 * 1024 ** 2;
/** Anybody may ask, as often as they like. */
const HOLDS_MS = 1_000;

/** Whether this process can be sent requests, and does what its roles say. */
@Injectable()
export class Readiness {
  private isStopping = false;
  private latest: { results: Promise<HealthIndicatorResult[]>; atMs: number } | undefined;
  private readonly logged = new Map<string, string | undefined>();

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly databases: DatabasesHealth,
    private readonly migrations: MigrationCheck,
    private readonly loops: LoopCheck,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** From now on it says no, before anything stops: a load balancer has time to send nothing more. */
  drain(): void {
    this.isStopping = true;
  }

  /** Each tells in words what is wrong. All who ask within a second get the same answer. */
  async check(): Promise<HealthIndicatorResult[]> {
    const nowMs = this.clock.monotonicMs();
    if (!this.latest || nowMs - this.latest.atMs >= HOLDS_MS) this.latest = { results: this.look(), atMs: nowMs };
    const stopping = this.isStopping ? { words: 'The process is being stopped.' } : undefined;
    return [this.tell('process', stopping), ...(await this.latest.results)];
  }

  private async look(): Promise<HealthIndicatorResult[]> {
    const reached = await this.databases.check();
    const results = DATABASE_NAMES.map(async (name) => {
      const raw = reached[name];
      const away = { words: `The database ${name} does not answer.`, raw };
      return this.tell(`database_${name}`, raw === undefined ? await this.findMissing(name) : away);
    });
    const loops = this.loops.listProblems();
    const still = { words: `Not at work: ${loops.map(({ words }) => words).join('; ')}.`, raw: rawOf(loops) };
    return [
      ...(await Promise.all(results)),
      this.tell('storage', await this.findStorageProblem()),
      this.tell('loops', loops.length > 0 ? still : undefined),
    ];
  }

  private async findMissing(name: DatabaseName): Promise<Problem | undefined> {
    try {
      const problem = await this.migrations.findProblem(name);
      return problem === undefined ? undefined : { words: `The database ${name} ${problem}.` };
    } catch (error) {
      return { words: `The database ${name} does not answer.`, raw: (error as Error).message };
    }
  }

  private async findStorageProblem(): Promise<Problem | undefined> {
    const raw = await this.store.findProblem();
    if (raw !== undefined) return { words: 'The storage folder cannot be written.', raw };
    try {
      const { freeBytes } = await this.store.measureSpace();
      return freeBytes >= LEAST_FREE_BYTES ? undefined : { words: 'Hardly any space is free where files are stored.' };
    } catch (error) {
      return { words: 'The storage folder cannot be looked at.', raw: (error as Error).message };
    }
  }

  /** On record once for each thing that is wrong, not for each look at it. */
  private tell(key: string, problem: Problem | undefined): HealthIndicatorResult {
    if (problem && this.logged.get(key) !== problem.words) {
      this.logger.warn({ check: key, reason: problem.raw ?? problem.words }, 'not ready');
    }
    this.logged.set(key, problem?.words);
    const indicator = this.indicators.check(key);
    return problem === undefined ? indicator.up() : indicator.down(problem.words);
  }
}

function rawOf(loops: Problem[]): string {
  return loops.map(({ words, raw }) => (raw === undefined ? words : `${words}: ${raw}`)).join('; ');
}
