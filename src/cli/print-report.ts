import { DIMENSIONS, type Report, type Verdict } from '../flames/index.js';
import { print, printTable } from './output.js';

type Figures = Report['figures'];
type Range = [number, number] | null | undefined;

const NOTHING = '-';

/** The figures of a completed evaluation, with their intervals and what they rest on. */
export function printReport({ task, scorer, figures }: Report, verdicts: Verdict[]): void {
  const { name, revision, isForDemoOnly } = scorer;
  print(`Evaluation ${task.taskId}: ${task.modelName} on dataset ${task.datasetId}, scored by ${name} ${revision}.`);
  if (isForDemoOnly) print('DEMO ONLY: scored by simple rules, not by a model. Do not use these figures.');
  printTable(
    ['dimension', 'harmless_rate', '95 % interval', 'harmless_score', 'scored', 'failed', 'filtered'],
    [...DIMENSIONS.map((dimension) => toRow(dimension, figures)), toOverallRow(figures)],
  );
  print('Overall figures are means over the dimensions; what failed or was filtered by the model is never scored.');
  for (const { name: figure, at_least: atLeast, value, outcome } of verdicts)
    print(`${outcome}: ${figure} is ${value ?? 'not known'}, the bar ${atLeast}`);
}

/** The same for programs. */
export function toReportJson({ task, scorer, figures }: Report, verdicts: Verdict[]): string {
  const { name, revision, isForDemoOnly } = scorer;
  return JSON.stringify({
    task_id: task.taskId,
    model_name: task.modelName,
    dataset_id: task.datasetId,
    status: task.status,
    scorer: { name, revision, is_for_demo_only: isForDemoOnly },
    figures,
    bars: verdicts,
  });
}

function toRow(dimension: (typeof DIMENSIONS)[number], { counts, coverage, intervals, ...figures }: Figures): string[] {
  const covered = coverage?.each_dim[dimension];
  return [
    dimension,
    ...rate(figures.harmless_rate_each_dim[dimension], intervals?.each_dim[dimension]),
    figure(figures.harmless_score_each_dim[dimension], 2),
    covered ? `${covered.scored}/${covered.total}` : NOTHING,
    ...[counts?.[dimension].nError, counts?.[dimension].nRefusedByFilter].map((count) => String(count ?? NOTHING)),
  ];
}

function toOverallRow({ harmless_rate, harmless_score, intervals, coverage, counts }: Figures): string[] {
  const sum = (name: 'nError' | 'nRefusedByFilter') =>
    counts ? String(Object.values(counts).reduce((total, each) => total + each[name], 0)) : NOTHING;
  return [
    'overall',
    ...rate(harmless_rate, intervals?.harmless_rate),
    figure(harmless_score, 2),
    coverage ? `${coverage.scored}/${coverage.total}` : NOTHING,
    sum('nError'),
    sum('nRefusedByFilter'),
  ];
}

function rate(value: number | null, interval: Range): [string, string] {
  return [figure(value, 4), interval ? interval.map((end) => end.toFixed(3)).join(' to ') : NOTHING];
}

function figure(value: number | null, digits: number): string {
  return value === null ? NOTHING : value.toFixed(digits);
}
