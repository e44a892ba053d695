/** Seconds of a run of one workflow: half of them took at most p50, nine of ten at most p90. */
export interface RunTime {
  p50: number;
  p90: number;
}

export interface ForecastTask {
  taskId: string;
  clientId: string;
  workflowName: string;
  estimatedSeconds: number | null;
  startedAt: Date | null;
}

export interface Forecast {
  clientId: string;
  /** 1 is the next. */
  position: number;
  startsAt: { p50: Date; p90: Date };
}

/** For a workflow that never ran and whose publisher gave no estimate. */
const UNKNOWN_SECONDS = 60;

/**
 * When each waiting task will about start: what is ahead of it, shared by as many nodes as are working now. An
 * estimate: the scheduler also looks at models and at fairness, and nodes come and go.
 */
export function forecastQueue(
  { waiting, running }: { waiting: ForecastTask[]; running: ForecastTask[] },
  runTimes: Map<string, RunTime>,
  now: Date,
): Map<string, Forecast> {
  const lanes = Math.max(1, running.length);
  const ahead = { p50: 0, p90: 0 };
  const add = (task: ForecastTask) => {
    const runTime = runTimes.get(task.workflowName) ?? assumed(task);
    const elapsed = task.startedAt ? (now.getTime() - task.startedAt.getTime()) / 1_000 : 0;
    ahead.p50 += Math.max(0, runTime.p50 - elapsed);
    ahead.p90 += Math.max(0, runTime.p90 - elapsed);
  };
  const inLanes = (seconds: number) => new Date(now.getTime() + Math.round((seconds / lanes) * 1_000));
  running.forEach(add);
  const forecasts = new Map<string, Forecast>();
  for (const [index, task] of waiting.entries()) {
    const startsAt = { p50: inLanes(ahead.p50), p90: inLanes(ahead.p90) };
    forecasts.set(task.taskId, { clientId: task.clientId, position: index + 1, startsAt });
    add({ ...task, startedAt: null });
  }
  return forecasts;
}

export function summariseRunTimes(runs: { workflowName: string; seconds: number }[]): Map<string, RunTime> {
  const byWorkflow = new Map<string, number[]>();
  for (const { workflowName, seconds } of runs) {
    const known = byWorkflow.get(workflowName);
    if (known) known.push(seconds);
    else byWorkflow.set(workflowName, [seconds]);
  }
  return new Map([...byWorkflow].map(([name, seconds]) => [name, summarise(seconds.sort((a, b) => a - b))]));
}

/** Nearest rank. */
function summarise(sorted: number[]): RunTime {
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { p50: at(0.5), p90: at(0.9) };
}

function assumed({ estimatedSeconds }: ForecastTask): RunTime {
  const seconds = estimatedSeconds ?? UNKNOWN_SECONDS;
  return { p50: seconds, p90: 2 * seconds };
}
