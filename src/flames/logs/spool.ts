import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { TaskLog } from './task-log.js';

export interface SpooledLogs {
  file: string;
  taskId: string;
  logs: TaskLog[];
}

const FOLDER = 'flames-spool';
/** What no database will ever take; kept for people. */
const REFUSED = 'refused';
const ENDING = '.jsonl';

/** Log rows beside the database, while it does not take them: a file for each insert that failed. */
@Injectable()
export class LogSpool {
  readonly folder: string;

  constructor(@Inject(SETTINGS) { dataDir }: Settings) {
    this.folder = join(dataDir, FOLDER);
  }

  /** On the disk for good when this returns. */
  async write(taskId: string, logs: TaskLog[]): Promise<void> {
    await this.store(this.folder, taskId, logs);
  }

  async refuse(taskId: string, logs: TaskLog[]): Promise<void> {
    await this.store(join(this.folder, REFUSED), taskId, logs);
  }

  /** Oldest first. What another process brings in at the same time is passed over. */
  async *read(): AsyncGenerator<SpooledLogs> {
    for (const file of await this.listFiles()) {
      const text = await readFile(join(this.folder, file), 'utf8').catch(orNothing);
      if (text === undefined) continue;
      const logs = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as TaskLog);
      yield { file, taskId: decodeURIComponent(file.split('~')[1]!.slice(0, -ENDING.length)), logs };
    }
  }

  async remove(file: string): Promise<void> {
    await unlink(join(this.folder, file)).catch(orNothing);
  }

  async removeTask(taskId: string): Promise<void> {
    const ending = `~${encodeURIComponent(taskId)}${ENDING}`;
    for (const file of await this.listFiles()) if (file.endsWith(ending)) await this.remove(file);
  }

  async count(): Promise<number> {
    return (await this.listFiles()).length;
  }

  private async listFiles(): Promise<string[]> {
    const files = (await readdir(this.folder).catch(orNothing)) ?? [];
    return files.filter((file) => file.endsWith(ENDING) && file.includes('~')).sort();
  }

  /** Under its name only once it is whole: a process that dies in between leaves a `.part` that nobody reads. */
  private async store(folder: string, taskId: string, logs: TaskLog[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${newId()}~${encodeURIComponent(taskId)}${ENDING}`);
    const file = await open(`${path}.part`, 'wx', 0o600);
    try {
      await file.writeFile(logs.map((log) => `${JSON.stringify(log)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    await syncFolder(folder);
  }
}

/** A rename is durable only with the folder that holds the name. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function orNothing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
