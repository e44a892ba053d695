import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const SOURCE = join(process.cwd(), 'src');

function sources(): { file: string; text: string }[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.includes('migrations'))
    .map((file) => ({ file: relative(SOURCE, join(SOURCE, file)), text: readFileSync(join(SOURCE, file), 'utf8') }));
}

/** An UPDATE of a table, alone or joined to rows that are given with it. */
const updatesOf = (table: string) => `UPDATE\\s+(?:\\([^\`;]*?\\)\\s\\w+\\s(?:STRAIGHT_)?JOIN\\s+)?${table}\\b`;

/** Files with a statement that writes to this table. */
function writersOf(table: string): string[] {
  const writes = new RegExp(`${updatesOf(table)}|(INSERT( IGNORE)? INTO|REPLACE INTO)\\s+${table}\\b`, 'i');
  return sources()
    .filter(({ text }) => writes.test(text))
    .map(({ file }) => file)
    .sort();
}

/** What stands between SET and WHERE in a file's updates of a table. */
function setClauses(file: string, table: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(new RegExp(`${updatesOf(table)}[^\`;]*?\\bSET\\b([^\`;]*?)\\bWHERE\\b`, 'g'))].map(
    ([, clause]) => clause!,
  );
}

describe('who writes a status', () => {
  it('I3 lets the queue be written by the transition function, the merge of wishes, progress and priorities alone', () => {
    expect(writersOf('global_tasks')).toEqual([
      'shared/tasks/global-tasks.repository.ts',
      'shared/tasks/task-priorities.repository.ts',
      'shared/tasks/task-transitions.ts',
      'shared/tasks/task-wishes.repository.ts',
    ]);
    const progress = setClauses('shared/tasks/global-tasks.repository.ts', 'global_tasks');
    expect(progress).toHaveLength(1);
    expect(progress.join()).not.toMatch(/status/);
    const priorities = setClauses('shared/tasks/task-priorities.repository.ts', 'global_tasks');
    expect(priorities.map((clause) => clause.trim())).toEqual(['priority = ?']);
  });

  it('I8 lets attempts be written by their repositories alone', () => {
    expect(writersOf('node_task_assignments')).toEqual([
      'shared/assignments/assignments.repository.ts',
      'shared/assignments/prompt-marks.repository.ts',
    ]);
  });

  it("I1 lets the client's copy be written by wishes, which set no status but that of a new run, and by the relay's merge", () => {
    expect(writersOf('client_tasks')).toEqual([
      'client/tasks/client-tasks.repository.ts',
      'client/tasks/task-states.repository.ts',
    ]);
    const wishes = setClauses('client/tasks/client-tasks.repository.ts', 'client_tasks');
    const statuses = wishes.join().match(/\bstatus = [^,]+/g);
    expect(statuses).toEqual([`status = 'queued'`]);
  });

  it('I8 lets the status of an evaluation be written where it is made, claimed, ended and brought in alone', () => {
    const writers = writersOf('task_flames').filter((file) =>
      [...setClauses(file, 'task_flames'), ...insertedColumns(file)].some((text) => /\bstatus\b|\$\{set\}/.test(text)),
    );
    expect(writers).toEqual([
      'flames/legacy/legacy-tasks.repository.ts',
      'flames/tasks/flames-tasks.repository.ts',
      'flames/tasks/task-claims.repository.ts',
    ]);
    expect(writersOf('flames_task_items')).toEqual(['flames/tasks/flames-items.repository.ts']);
  });
});

function insertedColumns(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/INSERT INTO task_flames \(([^)]*)\)/g)].map(([, columns]) => columns!);
}
