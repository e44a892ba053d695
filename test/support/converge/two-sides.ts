import type { INestApplicationContext } from '@nestjs/common';
import { ClientUsersService, TaskStatesService, type CurrentClient } from '../../../src/client/index.js';
import { ClientTasksService } from '../../../src/client/tasks/client-tasks.service.js';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import { AppError } from '../../../src/common/index.js';
import { databaseToken, LeaseKeeper, OutboxReader, type Database } from '../../../src/database/index.js';
import {
  AssignmentsRepository,
  BlobsRepository,
  ClaimsService,
  GlobalTasksService,
  SettlementsService,
  TASK_CHANGED,
  TASK_WISHED,
  TaskWishesService,
  type NodeFence,
  type OpenAssignment,
  type TaskProgress,
} from '../../../src/shared/index.js';
import { readTaskState, readTaskWish } from '../../../src/sync/event-schemas.js';
import { FAILURES, TASKS, type Direction, type PlainAction, type Step } from './history.js';

const HASH = 'c'.repeat(64);
/** Refusals that a step may meet; anything else that is thrown is a fault. */
const REFUSALS = new Set(['TASK_FINISHED', 'TASK_NOT_FINISHED', 'QUOTA_EXCEEDED', 'TASK_NOT_FOUND']);

/** Both databases with all services and no loop: a test acts on either side and carries events by hand. */
export class TwoSides {
  readonly client: Database;
  readonly shared: Database;
  readonly outboxes: Record<Direction, OutboxReader>;
  user!: CurrentClient;
  taskIds: (string | undefined)[] = [];
  counts = { events: 0, duplicates: 0, refusals: 0, reloads: 0, superseded: 0 };
  private fences: NodeFence[] = [];
  private attempts: OpenAssignment[][] = [];
  private samples: TaskProgress[] = [];
  private delivered = new Set<string>();

  private constructor(readonly app: INestApplicationContext) {
    this.client = app.get<Database>(databaseToken('client'), { strict: false });
    this.shared = app.get<Database>(databaseToken('shared'), { strict: false });
    this.outboxes = { wishes: new OutboxReader(this.client), states: new OutboxReader(this.shared) };
  }

  static async open(app: INestApplicationContext): Promise<TwoSides> {
    const sides = new TwoSides(app);
    const made = await app.get(ClientUsersService).create({ username: 'ann', password: 'correct horse', quota: 1 });
    sides.user = { clientId: made.clientId, username: 'ann', timeZone: 'UTC', sessionId: 'none' };
    const leases = app.get(LeaseKeeper);
    for (let index = 0; index < TASKS; index += 1) {
      const nodeId = `n${index}`;
      const lease = await leases.tryAcquire(`node:${nodeId}`);
      sides.fences.push({ nodeId, leaseToken: lease!.token, ownerId: leases.ownerId });
    }
    const nextYear = new Date(Date.now() + 365 * 86_400_000);
    const blobs = app.get(BlobsRepository);
    const pinned = await blobs.pin({ hash: HASH, sizeBytes: 3, mimeType: 'image/png' }, nextYear);
    await blobs.markStored(pinned!, new Date());
    return sides;
  }

  /** Forgets the history before. */
  async begin(quotaLimit: number): Promise<void> {
    for (const table of ['client_tasks', 'outbox', 'quota_ledger']) await this.client.run(`DELETE FROM ${table}`);
    for (const table of ['global_tasks', 'outbox', 'global_files']) await this.shared.run(`DELETE FROM ${table}`);
    await this.client.run('UPDATE client_users SET quota_used = 0, quota_limit = ? WHERE client_id = ?', [
      quotaLimit,
      this.user.clientId,
    ]);
    this.taskIds = [];
    this.attempts = Array.from({ length: TASKS }, () => []);
    this.samples = [];
    this.delivered.clear();
  }

  async take(step: Step): Promise<void> {
    try {
      await this.perform(step);
    } catch (error) {
      if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error;
      this.counts.refusals += 1;
    }
  }

  /** Applies some of all events that this side ever wrote: the route's own function on a batch of the test's making. */
  async deliver(direction: Direction, choose: (ids: string[]) => string[]): Promise<void> {
    const events = await this.outboxes[direction].listPending([TOPICS[direction]], 10_000);
    const byId = new Map(events.map((event) => [event.id, event]));
    const batch = choose([...byId.keys()]).map((id) => byId.get(id)!);
    if (direction === 'wishes') await this.app.get(TaskWishesService).apply(batch.map(readTaskWish));
    else await this.app.get(TaskStatesService).applyStates(batch.map(readTaskState));
    for (const { id } of batch) {
      if (this.delivered.has(`${direction} ${id}`)) this.counts.duplicates += 1;
      else this.counts.events += 1;
      this.delivered.add(`${direction} ${id}`);
    }
  }

  isDelivered(direction: Direction, id: string): boolean {
    return this.delivered.has(`${direction} ${id}`);
  }

  private async perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'deliver':
        // Counted from the newest: what was written last is what a relay carries most of the time.
        return this.deliver(step.direction, (ids) => step.picks.flatMap((n) => ids.at(-1 - (n % ids.length)) ?? []));
      case 'deliverProgress': {
        const sample = this.samples.at(-1 - step.pick);
        return sample && this.app.get(TaskStatesService).applyProgress([sample]);
      }
      case 'complete':
      case 'fail':
        return this.settle(step);
      default:
        return this.act(step.do, step.task);
    }
  }

  private async act(what: PlainAction, task: number) {
    const taskId = this.taskIds[task] ?? 'none';
    const tasks = this.app.get(ClientTasksService, { strict: false });
    switch (what) {
      case 'submit': {
        const submits = this.app.get(SubmitTasksService, { strict: false });
        this.taskIds[task] = (await submits.submitTextToImage(this.user, { prompt: 'a cat', seed: 5 })).answer.task_id;
        return;
      }
      case 'cancel':
        return void (await tasks.cancel(this.user.clientId, taskId));
      case 'reload':
        await tasks.reload(this.user, taskId);
        return void (this.counts.reloads += 1);
      case 'expire':
        return void (await this.client.run(
          `DELETE FROM client_tasks WHERE task_id = ? AND status IN ('completed', 'failed', 'cancelled')`,
          [taskId],
        ));
      case 'claim':
        return this.claim(task, taskId);
      case 'giveUp':
        return this.app.get(ClaimsService).failAll([{ taskId, runNo: await this.runOf(taskId), reason: 'no node' }]);
      case 'progress':
        return this.advance();
    }
  }

  private async claim(task: number, taskId: string): Promise<void> {
    const plan = { taskId, runNo: await this.runOf(taskId), nodeId: `n${task}`, slot: 0, reason: 'test' };
    if ((await this.app.get(ClaimsService).claimAll([plan])) === 0) return;
    const open = await this.app.get(AssignmentsRepository).listOpenOf([plan.nodeId]);
    this.attempts[task]!.unshift(open.find((assignment) => assignment.taskId === taskId)!);
  }

  /** Ends the newest attempt of the task, or an older one, which must change nothing any more. */
  private async settle(step: Extract<Step, { do: 'complete' | 'fail' }>): Promise<void> {
    const attempt = this.attempts[step.task]!.at(step.pick);
    if (!attempt) return;
    const fence = this.fences[step.task]!;
    const settlements = this.app.get(SettlementsService);
    const outcome =
      step.do === 'complete'
        ? await settlements.complete(attempt, fence, makeFiles(attempt, step.files))
        : await settlements.fail(attempt, fence, { ...FAILURES[step.how], errorMessage: step.how });
    if (outcome === 'superseded') this.counts.superseded += 1;
  }

  private async advance(): Promise<void> {
    const tasks = this.app.get(GlobalTasksService);
    const rows = await this.shared.rows<{ task_id: string; run_no: number; assignment_id: string; progress: string }>(
      `SELECT task_id, run_no, current_assignment_id AS assignment_id, progress FROM global_tasks WHERE status = 'processing'`,
    );
    await tasks.writeProgress(
      rows.map((row) => ({
        taskId: row.task_id,
        runNo: row.run_no,
        assignmentId: row.assignment_id,
        progress: Number(row.progress) + 20,
      })),
    );
    this.samples.push(...(await tasks.listRunningProgress()));
  }

  private async runOf(taskId: string): Promise<number> {
    const [row] = await this.shared.rows<{ run_no: number }>('SELECT run_no FROM global_tasks WHERE task_id = ?', [
      taskId,
    ]);
    return row?.run_no ?? 1;
  }
}

export const TOPICS: Record<Direction, string> = { wishes: TASK_WISHED, states: TASK_CHANGED };

/** Named after the attempt that made them, so that another run's results show. */
function makeFiles({ runNo, assignmentId }: OpenAssignment, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    ...{ hash: HASH, sizeBytes: 3, mimeType: 'image/png', type: 'image' as const },
    ...{ fileName: `${runNo}-${assignmentId}-${index}.png`, width: 64, height: 64, durationSeconds: null, origin: {} },
  }));
}
