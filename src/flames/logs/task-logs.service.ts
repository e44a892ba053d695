import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, UnavailableError, type Logger } from '../../common/index.js';
import { LegacyFiles } from '../legacy/legacy-files.js';
import type { LegacyLogFile } from '../legacy/legacy-log-file.js';
import { LogSpool } from './spool.js';
import type { TaskLog } from './task-log.js';
import { LogsRefusedError, TaskLogsRepository, type TaskLabel } from './task-logs.repository.js';

/** Where rows were read: the database, or an old installation's files. */
export type LogSource = 'database' | 'file';

interface OpenedPages<T> {
  source: LogSource;
  pages: AsyncIterable<T[]>;
}

/** The rows of every answered prompt: written so that none is lost or counted twice, read by page. */
@Injectable()
export class TaskLogsService {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly rows: TaskLogsRepository,
    private readonly spool: LogSpool,
    private readonly files: LegacyFiles,
  ) {}

  /**
   * The same rows again change nothing. Where the table does not take them they go to a file that the spool job brings
   * in, and the caller goes on; this throws only where the disk refuses them too.
   */
  async insertTaskLogs(taskId: string, logs: TaskLog[]): Promise<void> {
    try {
      await this.rows.insert(taskId, logs);
    } catch (error) {
      if (!(error instanceof LogsRefusedError)) throw error;
      await this.spool.write(taskId, error.rest);
      this.logger.error({ err: error.cause, taskId, rows: error.rest.length }, 'log rows wait in the spool');
    }
  }

  /** The first rows of each dimension. */
  async getTaskLogs(taskId: string, limitPerDimension = 10): Promise<{ logs: TaskLog[]; source: LogSource }> {
    const read = () => this.rows.listFirst(taskId, limitPerDimension);
    const { found, failure } = await attempt(read);
    if (found && found.length > 0) return { logs: found, source: 'database' };
    const file = await this.findFile(taskId, failure);
    return file
      ? { logs: await file.listFirst(limitPerDimension), source: 'file' }
      : { logs: found ?? [], source: 'database' };
  }

  /** How many rows of each label a dimension has. */
  countLabels(taskId: string) {
    return this.rows.countLabels(taskId);
  }

  async deleteTaskLogs(taskId: string): Promise<number> {
    await this.spool.removeTask(taskId);
    return this.rows.delete(taskId);
  }

  /** All rows in pages of a few hundred: memory stays flat however many there are. */
  async *streamTaskLogs(taskId: string): AsyncGenerator<TaskLog[]> {
    yield* (await this.openTaskLogs(taskId)).pages;
  }

  /** The same, and where they come from. What fails before the first page fails here, not in mid-download. */
  openTaskLogs(taskId: string): Promise<OpenedPages<TaskLog>> {
    return this.open(taskId, this.rows.pages(taskId), (file) => file.pages());
  }

  /** Keys and labels of all rows, in pages, without the texts. */
  async *streamLabels(taskId: string): AsyncGenerator<TaskLabel[]> {
    yield* (await this.open<TaskLabel>(taskId, this.rows.labelPages(taskId), (file) => file.pages())).pages;
  }

  private async open<T>(
    taskId: string,
    pages: AsyncGenerator<T[]>,
    readFile: (file: LegacyLogFile) => AsyncIterable<T[]>,
  ): Promise<OpenedPages<T>> {
    const { found: first, failure } = await attempt(() => pages.next());
    if (first && !first.done) return { source: 'database', pages: startingWith(first.value, pages) };
    const file = await this.findFile(taskId, failure);
    return file ? { source: 'file', pages: readFile(file) } : { source: 'database', pages };
  }

  /** 503 where the database failed and there is no file to fall back to. */
  private async findFile(taskId: string, failure: Error | undefined) {
    const file = await this.files.findLogs(taskId);
    if (file) this.logger.warn({ err: failure, taskId }, 'logs are read from the files of the old installation');
    else if (failure) throw toUnavailable(failure);
    return file;
  }
}

function toUnavailable(cause: Error): UnavailableError {
  const message = 'The log rows of evaluations cannot be read now; none is lost. Try again shortly.';
  return new UnavailableError(message, 'FLAMES_LOGS_UNAVAILABLE', { cause });
}

async function attempt<T>(work: () => Promise<T>): Promise<{ found?: T; failure?: Error }> {
  try {
    return { found: await work() };
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function* startingWith<T>(first: T[], rest: AsyncIterable<T[]>): AsyncGenerator<T[]> {
  yield first;
  yield* rest;
}
