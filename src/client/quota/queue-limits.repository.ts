import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';

/** Counts waiting tasks; never further than asked, since what matters is only whether a limit is reached. */
@Injectable()
export class QueueLimitsRepository {
  countOf(executor: Executor, clientId: string, most: number): Promise<number> {
    return count(executor, "SELECT 1 FROM client_tasks WHERE client_id = ? AND status = 'queued' LIMIT ?", [
      clientId,
      most,
    ]);
  }

  countAll(executor: Executor, most: number): Promise<number> {
    return count(executor, "SELECT 1 FROM client_tasks WHERE status = 'queued' LIMIT ?", [most]);
  }
}

async function count(executor: Executor, sql: string, values: (string | number)[]): Promise<number> {
  const [row] = await executor.rows<{ found: string }>(`SELECT COUNT(*) AS found FROM (${sql}) waiting`, values);
  return Number(row?.found ?? 0);
}
