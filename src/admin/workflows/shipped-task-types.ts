import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSettings, type TaskTypes } from '../../config/index.js';
import type { PromptGraph } from '../../shared/index.js';

const FILE = join('workflows', 'task-types.yaml');

/** The workflows that come with the program, for an installation whose settings name none. */
export function loadShippedTaskTypes(): { taskTypes: TaskTypes; baseDir: string } {
  const baseDir = findProgramFolder(dirname(fileURLToPath(import.meta.url)));
  return { taskTypes: loadSettings({ environment: {}, file: join(baseDir, FILE) }).taskTypes, baseDir };
}

/** The graph of a workflow that comes with the program, by its name. */
export async function readShippedGraph(name: string): Promise<PromptGraph> {
  const { taskTypes, baseDir } = loadShippedTaskTypes();
  const workflows = Object.values(taskTypes).flatMap((type) => Object.entries(type?.workflows ?? {}));
  const config = workflows.find(([key]) => key === name)?.[1];
  if (!config) throw new Error(`No workflow ${name} comes with the program.`);
  return JSON.parse(await readFile(join(baseDir, config.workflow_file), 'utf8')) as PromptGraph;
}

/** The same from sources and from the build, which lie at different depths. */
function findProgramFolder(folder: string): string {
  if (existsSync(join(folder, FILE))) return folder;
  if (dirname(folder) === folder) throw new Error(`${FILE} is missing: the program is not complete; unpack it again.`);
  return findProgramFolder(dirname(folder));
}
