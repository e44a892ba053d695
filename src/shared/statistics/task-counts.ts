import { addTo, mergeInto, readHistogram, writeHistogram, type Histogram } from './histogram.js';

/** What tasks are counted apart by. */
export interface GroupKey {
  taskType: string;
  workflowName: string;
  /** Empty where there was none: all that were submitted, and what ended before it had one. */
  nodeId: string;
  sourceType: string;
}

/** Counts of an hour or a day. Times are those of completed tasks that are known to have started. */
export interface TaskCounts {
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  waitMsTotal: number;
  runMsTotal: number;
  waitHistogram: Histogram;
  runHistogram: Histogram;
  fileBytes: number;
}

export interface GroupCounts extends TaskCounts {
  key: GroupKey;
}

/** A row of `hourly_statistics` or `daily_statistics`, as SQL hands it out. */
export interface CountsRow extends GroupKey {
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  waitMsTotal: string;
  runMsTotal: string;
  waitHistogram: unknown;
  runHistogram: unknown;
  fileBytes: string;
}

export type EndedStatus = 'completed' | 'failed' | 'cancelled';

/** Ended tasks of an hour that are alike in all that is counted; times of completed ones alone. */
export interface EndedRow extends GroupKey {
  status: EndedStatus;
  waitBucket: number | null;
  runBucket: number | null;
  tasks: string;
  waitMs: string | null;
  runMs: string | null;
}

export interface TaskFacts {
  submitted: (GroupKey & { tasks: string })[];
  ended: EndedRow[];
  bytes: (GroupKey & { bytes: string })[];
}

/** Adds up rows of the queue to one count a group. */
export function countFacts({ submitted, ended, bytes }: TaskFacts): GroupCounts[] {
  const groups = new Groups();
  for (const row of submitted) groups.of(row).submitted += Number(row.tasks);
  for (const row of ended) {
    const group = groups.of(row);
    const tasks = Number(row.tasks);
    group[row.status] += tasks;
    group.waitMsTotal += Number(row.waitMs ?? 0);
    group.runMsTotal += Number(row.runMs ?? 0);
    if (row.waitBucket !== null) addTo(group.waitHistogram, Number(row.waitBucket), tasks);
    if (row.runBucket !== null) addTo(group.runHistogram, Number(row.runBucket), tasks);
  }
  for (const row of bytes) groups.of(row).fileBytes += Number(row.bytes);
  return groups.list();
}

/** Adds up the hours of a day. */
export function addUp(rows: CountsRow[]): GroupCounts[] {
  const groups = new Groups();
  for (const row of rows) addRow(groups.of(row), row);
  return groups.list();
}

/** The same for charts of a month: all, by workflow and by node, with empty names for what a row is not about. */
export function rollUp(counts: GroupCounts[]): GroupCounts[] {
  const groups = new Groups();
  const none = { taskType: '', workflowName: '', nodeId: '', sourceType: '' };
  for (const { key, ...group } of counts) {
    addCounts(groups.of(none), group);
    addCounts(groups.of({ ...none, taskType: key.taskType, workflowName: key.workflowName }), group);
    if (key.nodeId !== '') addCounts(groups.of({ ...none, nodeId: key.nodeId }), group);
  }
  return groups.list();
}

export function addRow(counts: TaskCounts, row: Omit<CountsRow, keyof GroupKey>): void {
  addCounts(counts, {
    submitted: Number(row.submitted),
    completed: Number(row.completed),
    failed: Number(row.failed),
    cancelled: Number(row.cancelled),
    waitMsTotal: Number(row.waitMsTotal),
    runMsTotal: Number(row.runMsTotal),
    waitHistogram: readHistogram(row.waitHistogram),
    runHistogram: readHistogram(row.runHistogram),
    fileBytes: Number(row.fileBytes),
  });
}

function addCounts(counts: TaskCounts, more: TaskCounts): void {
  counts.submitted += more.submitted;
  counts.completed += more.completed;
  counts.failed += more.failed;
  counts.cancelled += more.cancelled;
  counts.waitMsTotal += more.waitMsTotal;
  counts.runMsTotal += more.runMsTotal;
  mergeInto(counts.waitHistogram, more.waitHistogram);
  mergeInto(counts.runHistogram, more.runHistogram);
  counts.fileBytes += more.fileBytes;
}

export function noCounts(): TaskCounts {
  const sums = { submitted: 0, completed: 0, failed: 0, cancelled: 0, waitMsTotal: 0, runMsTotal: 0, fileBytes: 0 };
  return { ...sums, waitHistogram: new Map(), runHistogram: new Map() };
}

export function keyText({ taskType, workflowName, nodeId, sourceType }: GroupKey): string {
  return JSON.stringify([taskType, workflowName, nodeId, sourceType]);
}

/** The values of a row, in the order of COUNT_COLUMNS. */
export function toValues({ key, ...counts }: GroupCounts): (string | number | null)[] {
  return [
    ...[key.taskType, key.workflowName, key.nodeId, key.sourceType],
    ...[counts.submitted, counts.completed, counts.failed, counts.cancelled, counts.waitMsTotal, counts.runMsTotal],
    ...[writeHistogram(counts.waitHistogram), writeHistogram(counts.runHistogram), counts.fileBytes],
  ];
}

class Groups {
  private readonly groups = new Map<string, GroupCounts>();

  of({ taskType, workflowName, nodeId, sourceType }: GroupKey): GroupCounts {
    // The unique key takes names for equal that differ in spaces at their end.
    const key = {
      taskType: taskType.trimEnd(),
      workflowName: workflowName.trimEnd(),
      nodeId: nodeId.trimEnd(),
      sourceType,
    };
    const text = keyText(key);
    const group = this.groups.get(text) ?? { key, ...noCounts() };
    this.groups.set(text, group);
    return group;
  }

  list(): GroupCounts[] {
    return [...this.groups.values()];
  }
}
