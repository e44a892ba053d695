import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { TimeRange } from './access-logs.js';
import type { SystemLogLevel } from './to-system-log.js';

export interface LevelCount {
  /** When the hour or day begins, in UTC. */
  time: string;
  level: SystemLogLevel;
  lines: number;
}

export interface ModuleCount {
  module: string | null;
  lines: number;
}

const LEVELS: SystemLogLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
const BAD: SystemLogLevel[] = ['ERROR', 'CRITICAL'];
const FORMATS = { hour: '%Y-%m-%dT%H:00:00.000Z', day: '%Y-%m-%dT00:00:00.000Z' };
const MODULES = 20;

/** Counts of `system_logs`, read from indexes. */
@Injectable()
export class LogStatisticsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async countByLevel({ from, to }: TimeRange, period: keyof typeof FORMATS): Promise<LevelCount[]> {
    const rows = await this.database.rows<Omit<LevelCount, 'lines'> & { counted: string }>(
      `SELECT DATE_FORMAT(created_at, '${FORMATS[period]}') AS time, level, COUNT(*) AS counted FROM system_logs
       WHERE level IN (?) AND created_at >= ? AND created_at < ? AND expire_on >= DATE(?) GROUP BY 1, 2 ORDER BY 1, 2`,
      [LEVELS, from, to, from],
    );
    return rows.map(({ counted, ...row }) => ({ ...row, lines: Number(counted) }));
  }

  /** Those that said most. */
  countByModule(range: TimeRange): Promise<ModuleCount[]> {
    return this.topModules('', [], range);
  }

  countErrorsByModule(range: TimeRange): Promise<ModuleCount[]> {
    return this.topModules('level IN (?) AND', [BAD], range);
  }

  private async topModules(condition: string, values: string[][], { from, to }: TimeRange): Promise<ModuleCount[]> {
    const rows = await this.database.rows<{ module: string | null; counted: string }>(
      `SELECT module, COUNT(*) AS counted FROM system_logs
       WHERE ${condition} created_at >= ? AND created_at < ? AND expire_on >= DATE(?)
       GROUP BY module ORDER BY counted DESC, module LIMIT ${MODULES}`,
      [...values, from, to, from],
    );
    return rows.map(({ counted, ...row }) => ({ ...row, lines: Number(counted) }));
  }
}
