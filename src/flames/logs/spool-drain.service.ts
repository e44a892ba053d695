import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../common/index.js';
import { isPermanent } from '../../database/index.js';
import { LogSpool, type SpooledLogs } from './spool.js';
import type { TaskLog } from './task-log.js';
import { LogsRefusedError, TaskLogsRepository } from './task-logs.repository.js';

/** Brings log rows that waited beside the database into it. */
@Injectable()
export class SpoolDrainService {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly spool: LogSpool,
    private readonly rows: TaskLogsRepository,
  ) {}

  /**
   * A file goes only after its rows are in the table: killed in between, the next run inserts rows that are there.
   * Throws while the table does not take them. Returns how many rows it brought in.
   */
  async drain(signal?: AbortSignal): Promise<number> {
    let brought = 0;
    for await (const spooled of this.spool.read()) {
      if (signal?.aborted) break;
      brought += await this.bringIn(spooled);
      await this.rows.expectRetention(spooled.taskId);
      await this.spool.remove(spooled.file);
    }
    if (brought > 0) this.logger.info({ rows: brought }, 'log rows of the spool are in the database');
    return brought;
  }

  private async bringIn({ taskId, logs }: SpooledLogs): Promise<number> {
    try {
      await this.rows.insert(taskId, logs);
      return logs.length;
    } catch (error) {
      const cause = error instanceof LogsRefusedError ? error.cause : error;
      if (!isPermanent(cause)) throw cause;
      return this.bringInSingly(taskId, logs);
    }
  }

  /** One row that can never be stored must not keep five hundred others out. */
  private async bringInSingly(taskId: string, logs: TaskLog[]): Promise<number> {
    let brought = 0;
    for (const log of logs) {
      try {
        await this.rows.insert(taskId, [log]);
        brought += 1;
      } catch (error) {
        const { cause } = error as LogsRefusedError;
        if (!isPermanent(cause)) throw cause;
        await this.spool.refuse(taskId, [log]);
        this.logger.error({ err: cause, taskId, itemKey: log.itemKey }, 'a log row can never be stored');
      }
    }
    return brought;
  }
}
