import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { TaskStatus } from '../../shared/index.js';

/** What the client's side holds of a task for those who ask what became of it. */
export interface TaskTrace {
  clientId: string;
  username: string | null;
  runNo: number;
  cancelRun: number;
  status: TaskStatus;
  createdAt: Date;
  updatedAt: Date;
  wishes: WishTrace[];
  ledger: LedgerTrace[];
}

/** A wish as it was announced, for as long as its event is kept. `cancelRun`: the run whose cancel it wishes. */
export interface WishTrace {
  runNo: number;
  cancelRun: number;
  createdAt: Date;
  publishedAt: Date | null;
  parkedAt: Date | null;
  error: string | null;
}

export interface LedgerTrace {
  runNo: number;
  kind: 'charge' | 'refund';
  amount: number;
  createdAt: Date;
}

/** SQL of what single tasks left behind on the users' side. */
@Injectable()
export class TaskTracesRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async find(taskId: string): Promise<TaskTrace | undefined> {
    const [task] = await this.database.rows<Omit<TaskTrace, 'wishes' | 'ledger'>>(
      `SELECT t.client_id AS clientId, u.username, t.run_no AS runNo, t.cancel_run AS cancelRun, t.status,
              t.created_at AS createdAt, t.updated_at AS updatedAt
       FROM client_tasks t JOIN client_users u ON u.client_id = t.client_id WHERE t.task_id = ?`,
      [taskId],
    );
    if (!task) return undefined;
    const [wishes, ledger] = await Promise.all([
      this.database.rows<WishTrace>(
        `SELECT run_no AS runNo, state_version AS cancelRun, created_at AS createdAt, published_at AS publishedAt,
                parked_at AS parkedAt, error
         FROM outbox WHERE aggregate_id = ? ORDER BY id`,
        [taskId],
      ),
      this.database.rows<LedgerTrace>(
        `SELECT run_no AS runNo, kind, amount, created_at AS createdAt FROM quota_ledger
         WHERE task_id = ? ORDER BY id`,
        [taskId],
      ),
    ]);
    return { ...task, wishes, ledger };
  }
}
