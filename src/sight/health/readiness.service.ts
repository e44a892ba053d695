import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { DatabasesHealth, DATABASE_NAMES, type DatabaseName } from '../../database/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { LoopCheck } from './loop-check.service.js';
import { MigrationCheck } from './migration-check.service.js';

/** With less room than a few results need, uploads and harvests are about to fail. */
const LEAST_FREE_BYTES = 100 * 1024 ** 2;

/** Whether this process can be sent requests, and does what its roles say. */
@Injectable()
export class Readiness {
  private isStopping = false;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly databases: DatabasesHealth,
    private readonly migrations: MigrationCheck,
    private readonly loops: LoopCheck,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  /** From now on it says no, before anything stops: a load balancer has time to send nothing more. */
  drain(): void {
    this.isStopping = true;
  }

  /** Each tells in words what is wrong. */
  async check(): Promise<HealthIndicatorResult[]> {
    const reached = await this.databases.check();
    const results = DATABASE_NAMES.map(async (name) => {
      const problem = reached[name] ?? (await this.findMissing(name));
      return this.tell(`database_${name}`, problem && `The database ${name} ${wordsOf(problem)}`);
    });
    const loops = this.loops.listProblems();
    return [
      this.tell('process', this.isStopping ? 'The process is being stopped.' : undefined),
      ...(await Promise.all(results)),
      this.tell('storage', await this.findStorageProblem()),
      this.tell('loops', loops.length > 0 ? `Not at work: ${loops.join('; ')}.` : undefined),
    ];
  }

  private async findMissing(name: DatabaseName): Promise<string | undefined> {
    return this.migrations.findProblem(name).catch((error: unknown) => (error as Error).message);
  }

  private async findStorageProblem(): Promise<string | undefined> {
    const problem = await this.store.findProblem();
    if (problem !== undefined) return problem;
    try {
      const { freeBytes } = await this.store.measureSpace();
      if (freeBytes >= LEAST_FREE_BYTES) return undefined;
      return `Only ${Math.floor(freeBytes / 1024 ** 2)} MiB are free where files are stored.`;
    } catch (error) {
      return `The storage folder cannot be looked at: ${(error as Error).message}.`;
    }
  }

  private tell(key: string, problem: string | undefined): HealthIndicatorResult {
    const indicator = this.indicators.check(key);
    return problem === undefined ? indicator.up() : indicator.down(problem);
  }
}

function wordsOf(problem: string): string {
  return problem.startsWith('lacks') ? `${problem}.` : `does not answer: ${problem}`;
}
