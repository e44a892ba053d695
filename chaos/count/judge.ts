import type { Journal } from '../load/asked-task.js';
import { countAll, type Violations } from './violations.js';

export interface Evidence {
  seed: number;
  minutes: number;
  journal: Pick<Journal, 'tasks' | 'accepted' | 'answers'>;
  violations: Violations;
  /** How often each kind of fault did its harm. */
  fired: Map<string, number>;
  secondAttempts: number;
}

export interface Verdict {
  isClean: boolean;
  /** The counts, on one line. */
  summary: string;
  /** For people, before it. */
  details: string[];
}

/** 2,000 in the default five minutes. */
const TASKS_A_MINUTE = 400;
/** Of the tasks that nobody wanted cancelled: a service that fails everything loses nothing either. */
const LEAST_COMPLETED = 0.8;
const SHOWN = 5;

/** What a run is worth: it fails by what is wrong, and by what makes it no proof. */
export function judge({ seed, minutes, journal, violations, fired, secondAttempts }: Evidence): Verdict {
  const { accepted } = journal;
  const silent = [...fired].filter(([, count]) => count === 0).map(([name]) => name);
  const ends = countBy(accepted, ({ final }) => final?.status ?? 'unknown');
  const wanted = accepted.filter(({ isCancelled }) => !isCancelled);
  const completedShare = wanted.filter(({ final }) => final?.status === 'completed').length / (wanted.length || 1);
  const hollow = [
    ...(accepted.length < TASKS_A_MINUTE * minutes ? [`only ${accepted.length} tasks were accepted`] : []),
    ...(silent.length > 0 ? [`never fired: ${silent.join(', ')}`] : []),
    ...(completedShare < LEAST_COMPLETED ? [`only ${percent(completedShare)} of the wanted tasks completed`] : []),
  ];
  const broken = Object.entries(violations).filter(([, found]) => found.length > 0);
  const rules = Object.entries(violations).map(([rule, found]) => `${rule} ${found.length}`);
  const failures = countBy(
    accepted.filter(({ final }) => final?.status === 'failed'),
    ({ final }) => final?.errorCode ?? 'without a code',
  );
  const isClean = broken.length === 0 && hollow.length === 0;
  const total = [...fired.values()].reduce((sum, count) => sum + count, 0);
  return {
    isClean,
    summary: [
      `${isClean ? 'clean' : 'NOT CLEAN'}: seed ${seed}, ${minutes} min, ${accepted.length} accepted`,
      `${list(ends)}, ${secondAttempts} second attempts`,
      `${fired.size - silent.length} of ${fired.size} kinds of fault fired ${total} times`,
      `${countAll(violations)} violations (${rules.join(', ')})`,
    ].join('; '),
    details: [
      `faults: ${list(fired)}`,
      `failed by: ${list(failures) || 'nothing'}`,
      `answers by status (0: none): ${list(journal.answers)}`,
      ...hollow.map((why) => `worth nothing as a proof: ${why}`),
      ...broken.flatMap(([rule, found]) => [
        `${rule}: ${found.length}`,
        ...found.slice(0, SHOWN).map((each) => `  ${JSON.stringify(each)}`),
      ]),
    ],
  };
}

function countBy<T>(items: T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function list(counts: Map<unknown, number>): string {
  return [...counts].map(([name, count]) => `${String(name)} ${count}`).join(', ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
