import { Presets, SingleBar } from 'cli-progress';
import type { FlamesTaskDetailView } from '../flames/index.js';

export interface RunProgress {
  show(task: FlamesTaskDetailView): void;
  end(): void;
}

/** On the error stream, which leaves the output to the report: a bar in a terminal, elsewhere a line for each tenth. */
export function makeRunProgress(): RunProgress {
  return process.stderr.isTTY ? makeBar() : makeLines();
}

function makeBar(): RunProgress {
  const format = '{bar} {value}/{total} | {note}';
  const bar = new SingleBar(
    { format, stream: process.stderr, barsize: 24, clearOnComplete: true },
    Presets.shades_grey,
  );
  return {
    show: (task) => {
      const payload = { note: noteOf(task) };
      if (!bar.isActive) bar.start(task.total_count, countEnds(task), payload);
      else bar.update(countEnds(task), payload);
    },
    end: () => bar.stop(),
  };
}

function makeLines(): RunProgress {
  let last = '';
  return {
    show: (task) => {
      const tenth = Math.floor((10 * countEnds(task)) / Math.max(task.total_count, 1));
      const now = `${tenth} ${task.status} ${waitsFor(task)}`;
      if (now !== last) process.stderr.write(`${countEnds(task)}/${task.total_count} | ${noteOf(task)}\n`);
      last = now;
    },
    end: () => undefined,
  };
}

function countEnds({ items }: FlamesTaskDetailView): number {
  return items.scored + items.error;
}

function noteOf(task: FlamesTaskDetailView): string {
  return `${task.status}: ${task.items.scored} scored, ${task.items.error} failed${waitsFor(task)}`;
}

/** What a running task waits for, which an end tells by itself. */
function waitsFor({ status, is_paused: isPaused, error_message: message }: FlamesTaskDetailView): string {
  if (isPaused) return ' | paused by somebody else';
  return status === 'running' && message ? ` | ${message}` : '';
}
