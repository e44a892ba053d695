import type { PromptLogEntry } from '../../simulators/comfyui/prompt-log.js';
import type { AskedTask } from '../load/asked-task.js';
import type { Violations } from './violations.js';

/** One attempt as our tables tell of it. */
export interface AttemptRow {
  assignmentId: string;
  taskId: string;
  runNo: number;
  nodeId: string;
  status: string;
  errorCode: string | null;
}

/** What is written of the run that a task is in. */
export interface RunRow {
  taskId: string;
  runNo: number;
  status: string;
}

export interface Executions {
  /** Of all nodes, over all their lives. */
  log: (PromptLogEntry & { node: string })[];
  attempts: AttemptRow[];
  runs: RunRow[];
  accepted: AskedTask[];
}

/** Holds what the nodes did against what our tables say of it, and against the files that clients got. */
export function countExecutions({ log, attempts, runs, accepted }: Executions): Violations {
  const known = new Map(attempts.map((attempt) => [attempt.assignmentId, attempt]));
  const succeeded = new Set(
    log.filter(({ outcome }) => outcome === 'success').map((entry) => `${markOf(entry)?.task} ${entry.prompt_id}`),
  );
  return {
    postedTwice: findRepeated(log.filter(({ event }) => event === 'accepted').map((entry) => entry.prompt_id)),
    strangers: findStrangers(log, known),
    wrongRuns: findWrongRuns(runs, accepted),
    ...countSettlements(attempts, runs),
    wronglyMade: findWronglyMade(accepted, known, succeeded),
  };
}

function findRepeated(ids: string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

/** What a node did for us without an attempt of ours that says so; prompts of others bear no mark. */
function findStrangers(log: Executions['log'], known: Map<string, AttemptRow>): unknown[] {
  return log.flatMap((entry) => {
    const mark = markOf(entry);
    const row = known.get(entry.prompt_id);
    if (!mark && !row) return [];
    if (row?.nodeId === entry.node && row.taskId === mark?.task && row.runNo === mark.run) return [];
    return [{ event: entry.event, prompt_id: entry.prompt_id, node: entry.node, mark, row }];
  });
}

/** One run for the submit and one for each reload that was answered, however often they were sent. */
function findWrongRuns(runs: RunRow[], accepted: AskedTask[]): unknown[] {
  const numbers = new Map(runs.map(({ taskId, runNo }) => [taskId, runNo]));
  return accepted
    .filter(({ ids, reloads }) => numbers.get(ids[0]!) !== 1 + reloads.accepted)
    .map(({ ids, reloads }) => ({ task: ids[0], runs: numbers.get(ids[0]!), reloads }));
}

/** A run is settled by exactly one attempt where it completed, else by none; each attempt before the last has a cause. */
function countSettlements(attempts: AttemptRow[], runs: RunRow[]): Violations {
  const groups = new Map<string, AttemptRow[]>(runs.map((run) => [nameOf(run), []]));
  for (const attempt of attempts) groups.set(nameOf(attempt), [...(groups.get(nameOf(attempt)) ?? []), attempt]);
  const statuses = new Map(runs.map((run) => [nameOf(run), run.status]));
  const found = { settledTwice: [] as unknown[], settledWrongly: [] as unknown[], withoutCause: [] as unknown[] };
  for (const [run, ofRun] of groups) {
    const completed = ofRun.filter(({ status }) => status === 'completed');
    const status = statuses.get(run);
    if (completed.length > 1) found.settledTwice.push(completed);
    else if (status && (status === 'completed') !== (completed.length === 1))
      found.settledWrongly.push({ run, status, ofRun });
    found.withoutCause.push(
      ...ofRun.filter((attempt, index) => {
        const needsCause = index < ofRun.length - 1 || attempt.status === 'failed';
        return needsCause && !attempt.errorCode;
      }),
    );
  }
  return found;
}

function nameOf({ taskId, runNo }: { taskId: string; runNo: number }): string {
  return `${taskId} ${runNo}`;
}

/** The attempt that stands in a file is the one that settled its task, and its node says that it ran it to the end. */
function findWronglyMade(accepted: AskedTask[], known: Map<string, AttemptRow>, succeeded: Set<string>): unknown[] {
  return accepted.flatMap(({ ids, final }) =>
    (final?.pictures ?? []).flatMap((picture) => {
      if (typeof picture === 'string') return [];
      const { assignmentId = '' } = picture;
      const attempt = known.get(assignmentId);
      const isRight =
        attempt?.taskId === ids[0] && attempt?.status === 'completed' && succeeded.has(`${ids[0]} ${assignmentId}`);
      return isRight ? [] : [{ task: ids[0], assignmentId, attempt }];
    }),
  );
}

/** Runs that nodes began more than once: never to be seen, and never without a cause, but not to be avoided. */
export function countSecondAttempts(log: Executions['log']): number {
  const begun = log.filter(({ event }) => event === 'started').flatMap((entry) => markOf(entry) ?? []);
  return begun.length - new Set(begun.map(({ task, run }) => `${task} ${run}`)).size;
}

/** Ours has a task. */
function markOf({ extra_data: data }: PromptLogEntry): { task: string; run: number } | undefined {
  const mark = data.cws as { task?: string; run: number } | undefined;
  return mark?.task === undefined ? undefined : { task: mark.task, run: mark.run };
}
