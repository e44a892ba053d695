import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock, LOGGER, tapOf, WriteBehind, type Logger, type TappedLine } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { isPermanent } from '../../database/index.js';
import { SystemLogsRepository } from './system-logs.repository.js';
import { toSystemLog, type NewSystemLog } from './to-system-log.js';

const BATCH = 500;
const CAPACITY = 10_000;
/** A line that is longer is cut at once, lest thousands of such wait. */
const LINE_LENGTH = 65_536;

/**
 * Keeps log lines as rows of `system_logs`, in batches that nobody waits for. Its own troubles are printed alone: a row
 * about a row that could not be written would never end.
 */
@Injectable()
export class SystemLogWriter implements OnModuleInit, OnApplicationShutdown {
  private readonly writes: WriteBehind<TappedLine> | undefined;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly logs: SystemLogsRepository,
    private readonly clock: Clock,
  ) {
    const untapped = tapOf(logger)?.untapped;
    if (!untapped) return;
    this.writes = new WriteBehind({
      name: 'system-log',
      logger: untapped,
      write: (lines) => this.write(lines),
      batch: BATCH,
      capacity: CAPACITY,
    });
  }

  onModuleInit(): void {
    if (!this.writes) return;
    this.writes.start();
    tapOf(this.logger)?.listen(({ text, request }) =>
      this.writes!.add({ text: text.length > LINE_LENGTH ? cut(text) : text, request }),
    );
  }

  /** After the last answer was sent, and before the databases close. */
  async onApplicationShutdown(): Promise<void> {
    tapOf(this.logger)?.stop();
    await this.writes?.stop();
  }

  private async write(lines: TappedLine[]): Promise<void> {
    const now = this.clock.now();
    const rows = lines.map((line) => toSystemLog(line, this.settings.retention.logDays, now));
    try {
      await this.logs.insert(rows);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      await this.writeOneByOne(rows);
    }
  }

  /** One row that the table can never take costs no other its place. */
  private async writeOneByOne(rows: NewSystemLog[]): Promise<void> {
    for (const row of rows) {
      await this.logs.insert([row]).catch((err: unknown) => {
        if (!isPermanent(err)) throw err;
        tapOf(this.logger)?.untapped.warn({ err }, 'a log line could not be kept');
      });
    }
  }
}

/** Its beginning as the message: what follows is no JSON any more. */
function cut(text: string): string {
  const [, level = '30'] = /^\{"level":(\d+)/.exec(text) ?? [];
  return JSON.stringify({ level: Number(level), msg: text.slice(0, 4_000) });
}
