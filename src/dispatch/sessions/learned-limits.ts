import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { RunTimesRepository } from '../../shared/index.js';
import { limitsFrom, type RunLimitPolicy, type RunLimits } from './run-limits.js';

const RUNS_PER_WORKFLOW = 50;
const KEPT_FOR_MS = 60_000;

/** The time limits of workflows, learned from what their latest runs took; one look a minute serves all sessions. */
@Injectable()
export class LearnedLimits {
  private times: Promise<Map<string, number[]>> | undefined;
  private readMs = -Infinity;

  constructor(
    private readonly runTimes: RunTimesRepository,
    private readonly clock: Clock,
  ) {}

  async find(workflowName: string, policy: RunLimitPolicy, attemptNo: number): Promise<RunLimits> {
    const times = await this.listTimes();
    return limitsFrom(times.get(workflowName) ?? [], policy, attemptNo);
  }

  private listTimes(): Promise<Map<string, number[]>> {
    if (this.times && this.clock.monotonicMs() - this.readMs < KEPT_FOR_MS) return this.times;
    this.readMs = this.clock.monotonicMs();
    this.times = this.runTimes.listLatest(RUNS_PER_WORKFLOW).catch((error: unknown) => {
      this.times = undefined;
      throw error;
    });
    return this.times;
  }
}
