import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findShippedFile } from '../../common/index.js';
import { loadSettings, type TaskTypes } from '../../config/index.js';
import type { PromptGraph } from '../../shared/index.js';

const FILE = 'workflows/task-types.yaml';

/** The workflows that come with the program, for an installation whose settings name none. */
export function loadShippedTaskTypes(): { taskTypes: TaskTypes; baseDir: string } {
  const file = findShippedFile(FILE);
  return { taskTypes: loadSettings({ environment: {}, file }).taskTypes, baseDir: dirname(dirname(file)) };
}

/** The graph of a workflow that comes with the program, by its name. */
export async function readShippedGraph(name: string): Promise<PromptGraph> {
  const { taskTypes, baseDir } = loadShippedTaskTypes();
  const workflows = Object.values(taskTypes).flatMap((type) => Object.entries(type?.workflows ?? {}));
  const config = workflows.find(([key]) => key === name)?.[1];
  if (!config) throw new Error(`No workflow ${name} comes with the program.`);
  return JSON.parse(await readFile(join(baseDir, config.workflow_file), 'utf8')) as PromptGraph;
}
