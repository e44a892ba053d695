import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LegacyLogFile } from './legacy-log-file.js';
import { parseScores, type LegacyScores } from './parse-scores.js';

const PREDICTED = /^Flames_(.+)_predicted\.jsonl$/;

/** One folder with what an old installation kept beside its database: four files a task. */
export class LegacyFolder {
  constructor(private readonly folder: string) {}

  /** Of all tasks that were scored, in the order of their names. */
  async listTaskIds(): Promise<string[]> {
    const names = await readdir(this.folder);
    return names.flatMap((name) => PREDICTED.exec(name)?.[1] ?? []).sort();
  }

  async findLogs(taskId: string): Promise<LegacyLogFile | undefined> {
    const path = this.pathOf(taskId, '_predicted.jsonl');
    return path !== undefined && (await exists(path)) ? new LegacyLogFile(path) : undefined;
  }

  async findScores(taskId: string): Promise<LegacyScores | undefined> {
    const text = await this.read(taskId, '_score.jsonl');
    return text === undefined ? undefined : parseScores(text);
  }

  /** What the old service wrote down of a run that failed. */
  async findError(taskId: string): Promise<string | undefined> {
    return (await this.read(taskId, '_error.log'))?.trim() || undefined;
  }

  private async read(taskId: string, ending: string): Promise<string | undefined> {
    const path = this.pathOf(taskId, ending);
    return path !== undefined && (await exists(path)) ? readFile(path, 'utf8') : undefined;
  }

  /** Undefined for an id that would lead out of the folder. */
  private pathOf(taskId: string, ending: string): string | undefined {
    return this.folder === '' || !/^[\w-]+$/.test(taskId) ? undefined : join(this.folder, `Flames_${taskId}${ending}`);
  }
}

/** The folder that the settings name, to fall back to where the database has nothing. */
@Injectable()
export class LegacyFiles extends LegacyFolder {
  constructor(@Inject(SETTINGS) { flames }: Settings) {
    super(flames.legacyDir);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
