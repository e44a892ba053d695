import { Inject, Injectable } from '@nestjs/common';
import { ClientTaskDigestsService } from '../client/index.js';
import { LOGGER, UnavailableError, type Logger } from '../common/index.js';
import { InjectOutbox, type OutboxReader } from '../database/index.js';
import { TaskDigestsService, type GlobalTaskDigest, type TaskDigest, type TaskRange } from '../shared/index.js';
import { AbandonedWork, type AbandonedReport } from './abandoned-work.js';
import { DIFFERENCES, findDifferences, type Difference } from './find-differences.js';

export interface ReconcileReport {
  /** Client's tasks that were looked at. */
  compared: number;
  /** Differences whose owner announced them again; `orphaned` ones stay as they are. */
  found: Record<Difference, number>;
  /** Tasks that differ and were left for the next time: changed lately, or with events under way or parked. */
  left: number;
  /** Attempts that nobody sees to; nothing is changed by this look. */
  abandoned: AbandonedReport;
}

interface DifferingTask {
  copy: TaskDigest;
  queued: GlobalTaskDigest | undefined;
  differences: Difference[];
}

/** Compared by one sum on each side: a million tasks are 500 of them. */
const RANGE_SIZE = 2_000;
const PAGE_SIZE = 200;
const MARGIN_MS = 60_000;

/**
 * Compares users' tasks with the queue and finds what outboxes alone cannot bring in step: what a fail-over lost, or a
 * hand changed (I7). It repairs by events of the owner and never writes a copy; a row that is gone stays gone (I5).
 */
@Injectable()
export class Reconciler {
  /** Where the next pass begins: behind what the last one looked at, where it was ended or broke off. */
  private position = '';

  constructor(
    private readonly copies: ClientTaskDigestsService,
    private readonly queue: TaskDigestsService,
    private readonly abandoned: AbandonedWork,
    @InjectOutbox('client') private readonly wishes: OutboxReader,
    @InjectOutbox('shared') private readonly states: OutboxReader,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async reconcile(signal?: AbortSignal): Promise<ReconcileReport> {
    const found = Object.fromEntries(DIFFERENCES.map((kind) => [kind, 0])) as Record<Difference, number>;
    const report: ReconcileReport = { compared: 0, found, left: 0, abandoned: await this.abandoned.look() };
    const lagMs = Math.max(await this.wishes.getLagMs(), await this.states.getLagMs());
    const stillForMs = Math.ceil(2 * lagMs + MARGIN_MS);
    while (!signal?.aborted) {
      const next = await this.copies.findRangeAfter(this.position, RANGE_SIZE);
      this.position = next?.range.upTo ?? '';
      if (!next) break;
      if (await this.tryRange(next.range, stillForMs, report)) report.compared += next.tasks;
    }
    // Those that are left say little: of a busy queue some are always under way.
    const { orphaned, ...repaired } = found;
    const isRepaired = Object.values(repaired).some((count) => count > 0);
    if (isRepaired) this.logger.warn(report, 'tasks differed between the databases; their owners announced them again');
    else if (orphaned > 0) this.logger.info({ orphaned }, 'tasks that are over are known to their users alone');
    return report;
  }

  /** A range that cannot be brought in step keeps no other from it; it is tried again in the next pass. */
  private async tryRange(range: TaskRange, stillForMs: number, report: ReconcileReport): Promise<boolean> {
    try {
      await this.reconcileRange(range, stillForMs, report);
      return true;
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      this.logger.error({ err: error, range }, 'a range of tasks could not be compared; the next pass tries it again');
      return false;
    }
  }

  /** Task by task only where the sums differ: what changes while it is read is seen to be under way there. */
  private async reconcileRange(range: TaskRange, stillForMs: number, report: ReconcileReport): Promise<void> {
    const copied = await this.copies.digestRange(range);
    const queued = await this.queue.digestRange(range);
    if (copied.tasks === queued.tasks && copied.sum === queued.sum) return;
    for (let { after } = range; ;) {
      const page = await this.copies.list({ ...range, after }, PAGE_SIZE, stillForMs);
      if (page.length > 0) await this.reconcilePage(page, stillForMs, report);
      if (page.length < PAGE_SIZE) return;
      after = page.at(-1)!.taskId;
    }
  }

  private async reconcilePage(page: TaskDigest[], stillForMs: number, report: ReconcileReport): Promise<void> {
    const differing = await this.findDiffering(page, stillForMs);
    if (differing.length === 0) return;
    const repairable = await this.withoutUnderWay(differing);
    report.left += differing.length - repairable.length;
    for (const { differences } of repairable) for (const kind of differences) report.found[kind] += 1;
    const having = (...kinds: Difference[]) =>
      repairable.filter(({ differences }) => differences.some((kind) => kinds.includes(kind)));
    await this.copies.announce(idsOf(having('missing', 'wish_behind')));
    await this.queue.announce(
      idsOf(having('copy_behind')),
      having('copy_ahead', 'content').map(({ copy, queued }) => ({ known: queued!, copyVersion: copy.stateVersion })),
    );
  }

  /** Copies were read first: what they hold beyond `shared` cannot have happened between the two reads. */
  private async findDiffering(page: TaskDigest[], stillForMs: number): Promise<DifferingTask[]> {
    const digests = await this.queue.list(
      page.map(({ taskId }) => taskId),
      stillForMs,
    );
    const byId = new Map(digests.map((digest) => [digest.taskId, digest]));
    return page.flatMap((copy) => {
      const queued = byId.get(copy.taskId);
      const differences = findDifferences(copy, queued);
      return differences.length > 0 ? [{ copy, queued, differences }] : [];
    });
  }

  private async withoutUnderWay(tasks: DifferingTask[]): Promise<DifferingTask[]> {
    const still = tasks.filter(({ copy, queued }) => copy.isStill && queued?.isStill !== false);
    const wished = await this.wishes.listUnpublishedAggregates(idsOf(still));
    const changed = await this.states.listUnpublishedAggregates(idsOf(still));
    return still.filter(({ copy: { taskId } }) => !wished.has(taskId) && !changed.has(taskId));
  }
}

function idsOf(tasks: DifferingTask[]): string[] {
  return tasks.map(({ copy }) => copy.taskId);
}
