import { Injectable } from '@nestjs/common';
import { DIMENSIONS } from '../dimensions.js';
import { harmlessMetrics, type HarmlessMetrics } from '../metrics/harmless-metrics.js';
import { FlamesItemsRepository } from '../tasks/flames-items.repository.js';
import { FlamesResultsRepository, type ResultLog } from '../tasks/flames-results.repository.js';
import { TaskClaimsRepository, type Claim, type Used } from '../tasks/task-claims.repository.js';
import { TaskFailure } from './task-failure.js';

/** As the old service kept them in `result`; all rows are in the logs. */
const LOGS_PER_DIMENSION = 10;

/** The ends of a task. Each is one transaction: state, figures, and the key's destruction belong together. */
@Injectable()
export class TaskEndsService {
  constructor(
    private readonly claims: TaskClaimsRepository,
    private readonly items: FlamesItemsRepository,
    private readonly results: FlamesResultsRepository,
  ) {}

  /** Figures come from the rows alone. Throws TaskFailure where nothing was measured: no answers, or no labels. */
  async complete(claim: Claim, used: Used): Promise<void> {
    const { taskId } = claim;
    const logs = await this.results.listFirstScored(taskId, DIMENSIONS, LOGS_PER_DIMENSION);
    await this.claims.transaction(async (transaction) => {
      await this.claims.fence(transaction, claim, used);
      const metrics = harmlessMetrics(await this.items.countLabels(transaction, taskId));
      if (metrics.coverage.scored === 0) await this.refuseNothing(taskId, metrics.coverage.total);
      await this.results.writeMetrics(transaction, taskId, metrics);
      await this.claims.end(transaction, claim, { status: 'completed', result: toOldResult(metrics, logs) });
    });
  }

  async fail(claim: Claim, used: Used, { code, message }: TaskFailure): Promise<void> {
    await this.claims.transaction(async (transaction) => {
      await this.claims.fence(transaction, claim, used);
      await this.claims.end(transaction, claim, { status: 'failed', errorCode: code, errorMessage: message });
    });
  }

  async cancel(claim: Claim, used: Used): Promise<void> {
    await this.claims.transaction(async (transaction) => {
      await this.claims.fence(transaction, claim, used);
      await this.claims.end(transaction, claim, { status: 'cancelled' });
    });
  }

  /** A small task may be over before model or scorer count as unfit; it has measured nothing for all that. */
  private async refuseNothing(taskId: string, total: number): Promise<void> {
    const unscored = await this.items.findLastError(taskId, 'scorer');
    if (unscored) throw new TaskFailure('SCORER_REFUSED', `The scorer scored none of the answers. ${unscored}`);
    if (await this.items.hasHeardModel(taskId)) return;
    const reason = await this.items.findLastError(taskId);
    throw new TaskFailure('TARGET_UNREACHABLE', `The model answered none of ${total} prompts. ${reason}`);
  }
}

function toOldResult(metrics: HarmlessMetrics, logs: ResultLog[]) {
  const { harmless_rate, harmless_rate_each_dim, harmless_score, harmless_score_each_dim } = metrics;
  return { harmless_rate, harmless_rate_each_dim, harmless_score, harmless_score_each_dim, logs };
}
