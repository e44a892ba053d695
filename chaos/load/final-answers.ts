import { see, type AskedTask, type FinalAnswer, type Journal } from './asked-task.js';
import type { FailoverClient } from './failover-client.js';
import { readPicture } from './read-picture.js';

const AT_ONCE = 6;
const PAGE = 100;

type ClientOf = (username: string) => FailoverClient;

/** Asks once more for every task that was accepted, fetches every file of it, and lists what each user has. */
export async function fetchFinalAnswers(journal: Journal, clientOf: ClientOf, signal: AbortSignal): Promise<void> {
  const waiting = [...journal.accepted];
  const work = async () => {
    for (let task = waiting.pop(); task; task = waiting.pop())
      task.final = await fetchFinal(task, clientOf(task.username), signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const username of new Set(journal.tasks.map((task) => task.username)))
    journal.listed.push(...(await listIds(clientOf(username), signal)));
}

async function fetchFinal(task: AskedTask, client: FailoverClient, signal: AbortSignal): Promise<FinalAnswer> {
  const path = `/api/v2/tasks/${task.ids[0]}`;
  const askedAtMs = performance.now();
  const { status: httpStatus, json } = await client.call({ method: 'GET', path }, signal);
  if (httpStatus !== 200) return { httpStatus, pictures: [] };
  const view = json as { status: string; error_code: string | null; result_data: { files: string[]; seed: number } };
  see(task, view.status, askedAtMs);
  const pictures: FinalAnswer['pictures'] = [];
  for (const index of view.result_data.files.keys()) {
    const answer = await client.call({ method: 'GET', path: `${path}/download?index=${index}` }, signal);
    pictures.push(
      answer.status === 200
        ? await readPicture(answer.bytes).catch((error: unknown) => `file ${index}: ${(error as Error).message}`)
        : `file ${index} answered ${answer.status}`,
    );
  }
  const { status, error_code: errorCode, result_data: data } = view;
  return { httpStatus, status, errorCode, seed: data.seed, pictures };
}

async function listIds(client: FailoverClient, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const path = `/api/v2/tasks?limit=${PAGE}&offset=${offset}`;
    const { json } = await client.call({ method: 'GET', path }, signal);
    const rows = json.tasks as { task_id: string }[];
    ids.push(...rows.map((row) => row.task_id));
    if (rows.length < PAGE) return ids;
  }
}
