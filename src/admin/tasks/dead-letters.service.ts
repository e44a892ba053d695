import { Inject, Injectable, Optional } from '@nestjs/common';
import { ConflictError, InvalidInputError, LOGGER, NotFoundError, type Logger } from '../../common/index.js';
import { DeadLettersRepository, type DeadLetterFilter } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import type { CurrentAdmin } from '../auth/current-admin.js';
import {
  toDeadLetterView,
  type DeadLetterListView,
  type RedrivenManyView,
  type RedrivenView,
} from './dead-letter.view.js';
import type { DeadLetterFilterDto, ListDeadLettersQuery, RedriveManyDto } from './dead-letters.dto.js';
import { REDRIVES, type RedriveOutcome, type Redrives } from './redrives.js';

/** Run again they would only take more nodes along, or fail at once: only for who names them. */
const NEVER_UNNAMED = ['POISON', 'INVALID_WORKFLOW'];

/** Ids in one row of the audit log. */
const MOST_NOTED = 500;

/** Tasks that failed for good: what was tried, and another go for them. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly letters: DeadLettersRepository,
    private readonly audit: AuditService,
    @Inject(LOGGER) private readonly logger: Logger,
    // Commands open this module without the application around it.
    @Optional() @Inject(REDRIVES) private readonly redrives?: Redrives,
  ) {}

  async list(query: ListDeadLettersQuery): Promise<DeadLetterListView> {
    const { limit, offset } = query;
    const { items, total } = await this.letters.list({ ...toFilter(query), limit, offset });
    return { tasks: items.map(toDeadLetterView), total, limit, offset };
  }

  /** Throws 404 where no user has such a task, 409 where it has not failed, as far as its user's side knows (I2). */
  async redrive(admin: CurrentAdmin, taskId: string, failedRun?: number): Promise<RedrivenView> {
    const outcome = await this.wish(taskId, failedRun);
    if (outcome.kind === 'unknown') throw new NotFoundError('No user has such a task (any more).', 'TASK_NOT_FOUND');
    if (outcome.kind === 'not_failed') {
      const message = `The task is ${outcome.status}; only a failed one is run again.`;
      throw new ConflictError(message, 'TASK_NOT_FAILED');
    }
    this.logger.info({ taskId, runNo: outcome.runNo, admin: admin.username }, 'failed task run again by an admin');
    if (outcome.kind === 'redriven') {
      const change = { before: { status: 'failed' }, after: { status: 'queued', run_no: outcome.runNo } };
      await this.audit.record({ action: 'task.redrive', targetType: 'task', targetId: taskId, ...change });
    }
    return toRedrivenView(taskId, outcome);
  }

  /** The latest first, each by itself (422 without any filter): one that is in another state by now is left out, and said. */
  async redriveMany(admin: CurrentAdmin, { limit, ...filter }: RedriveManyDto): Promise<RedrivenManyView> {
    if (Object.values(filter).every((value) => (value ?? undefined) === undefined)) {
      const message =
        'Say which failed tasks: error_code, workflow_name, node_id, failed_after or failed_before. None was run again.';
      throw new InvalidInputError([{ field: 'body', message }], 'FILTER_MISSING');
    }
    const exceptErrorCodes = filter.error_code === undefined ? NEVER_UNNAMED : undefined;
    const { items, total } = await this.letters.list({ ...toFilter(filter), exceptErrorCodes, limit, offset: 0 });
    const report: RedrivenManyView = { redriven: [], skipped: [], remaining: total - items.length };
    try {
      for (const { taskId, runNo } of items) {
        const outcome = await this.wish(taskId, runNo);
        if ('runNo' in outcome) report.redriven.push(toRedrivenView(taskId, outcome));
        else if (outcome.kind === 'unknown')
          report.skipped.push({ task_id: taskId, reason: 'No user has it any more.' });
        else report.skipped.push({ task_id: taskId, reason: `The task is ${outcome.status}.` });
      }
    } finally {
      // Also where it broke off: what was run again by then was run again.
      await this.noteMany(admin, filter, report);
    }
    return report;
  }

  private async noteMany(
    admin: CurrentAdmin,
    filter: DeadLetterFilterDto,
    { redriven, skipped, remaining }: RedrivenManyView,
  ): Promise<void> {
    const repeated = redriven.filter(({ is_repeated: isRepeated }) => isRepeated).length;
    const counts = { redriven: redriven.length - repeated, repeated, skipped: skipped.length };
    this.logger.info({ ...counts, admin: admin.username }, 'failed tasks run again by an admin');
    const taskIds = redriven.filter(({ is_repeated: isRepeated }) => !isRepeated).map(({ task_id: id }) => id);
    const after = { filter, ...counts, remaining, task_ids: taskIds.slice(0, MOST_NOTED) };
    await this.audit.record({ action: 'task.redrive', targetType: 'dead_letters', after });
  }

  private wish(taskId: string, failedRun: number | undefined): Promise<RedriveOutcome> {
    if (!this.redrives) throw new Error('nobody makes wishes here: RedrivesModule is missing');
    return this.redrives.redrive(taskId, failedRun);
  }
}

function toFilter(query: DeadLetterFilterDto): Omit<DeadLetterFilter, 'limit' | 'offset'> {
  return {
    errorCode: query.error_code,
    workflowName: query.workflow_name,
    nodeId: query.node_id,
    failedAfter: query.failed_after,
    failedBefore: query.failed_before,
  };
}

function toRedrivenView(taskId: string, { kind, runNo }: { kind: string; runNo: number }): RedrivenView {
  return { task_id: taskId, run_no: runNo, is_repeated: kind === 'repeated' };
}
