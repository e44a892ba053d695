import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { TaskProgress } from './demo-client.js';

export interface ProgressDisplay {
  show(taskNumber: number, progress: TaskProgress): void;
  end(): void;
}

/** Bars in a terminal; elsewhere (a log, CI) one line for each change of a task's status. */
export function makeProgressDisplay(labels: string[]): ProgressDisplay {
  return process.stdout.isTTY ? makeBars(labels) : makeLines(labels);
}

function makeBars(labels: string[]): ProgressDisplay {
  const format = '{bar} {percentage}% | {status} | {label}';
  const bars = new MultiBar({ format, hideCursor: true, barsize: 24, clearOnComplete: false }, Presets.shades_grey);
  const all: SingleBar[] = labels.map((label) => bars.create(100, 0, { label, status: pad('queued') }));
  return {
    show: (taskNumber, { status, progress }) => all[taskNumber]?.update(progress, { status: pad(status) }),
    end: () => bars.stop(),
  };
}

function makeLines(labels: string[]): ProgressDisplay {
  const last = new Map<number, string>();
  return {
    show: (taskNumber, { status }) => {
      if (last.get(taskNumber) === status) return;
      last.set(taskNumber, status);
      console.log(`${pad(status)} ${labels[taskNumber]}`);
    },
    end: () => undefined,
  };
}

function pad(status: string): string {
  return status.padEnd(10);
}
