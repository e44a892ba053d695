import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';

/** Counts waiting tasks; never further than asked, since what matters is only whether a limit is reached. */
@Injectable()
export class QueueLimitsRepository {
  /** By user; who has none may be missing. */
  async countOfEach(executor: Executor, clientIds: string[], most: number): Promise<Map<string, number>> {
    const count = `SELECT ? AS clientId, COUNT(*) AS found
      FROM (SELECT 1 FROM client_tasks WHERE client_id = ? AND status = 'queued' LIMIT ?) waiting`;
    const rows = await executor.rows<{ clientId: string; found: string }>(
      clientIds.map(() => count).join(' UNION ALL '),
      clientIds.flatMap((clientId) => [clientId, clientId, most]),
    );
    return new Map(rows.map(({ clientId, found }) => [clientId, Number(found)]));
  }

  async countAll(executor: Executor, most: number): Promise<number> {
    const [row] = await executor.rows<{ found: string }>(
      "SELECT COUNT(*) AS found FROM (SELECT 1 FROM client_tasks WHERE status = 'queued' LIMIT ?) waiting",
      [most],
    );
    return Number(row?.found ?? 0);
  }
}
