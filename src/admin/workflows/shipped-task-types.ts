import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSettings, type TaskTypes } from '../../config/index.js';

const FILE = join('workflows', 'task-types.yaml');

/** The workflows that come with the program, for an installation whose settings name none. */
export function loadShippedTaskTypes(): { taskTypes: TaskTypes; baseDir: string } {
  const baseDir = findProgramFolder(dirname(fileURLToPath(import.meta.url)));
  return { taskTypes: loadSettings({ environment: {}, file: join(baseDir, FILE) }).taskTypes, baseDir };
}

/** The same from sources and from the build, which lie at different depths. */
function findProgramFolder(folder: string): string {
  if (existsSync(join(folder, FILE))) return folder;
  if (dirname(folder) === folder) throw new Error(`${FILE} is missing: the program is not complete; unpack it again.`);
  return findProgramFolder(dirname(folder));
}
