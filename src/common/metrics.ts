import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BoundedLabels } from './bounded-labels.js';

const REQUEST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10];
const TASK_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600];
const JOB_BUCKETS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800];

/** Each pair is a dozen series: what a large fleet with many workflows has beyond these is told as one. */
const MOST_WORKFLOWS = 50;
const MOST_RUNS = 500;

export interface RequestNote {
  method: string;
  /** As the route is declared, never as it was asked for; undefined: there is no such route. */
  route: string | undefined;
  status: number;
  seconds: number;
}

export interface RunNote {
  workflow: string;
  node: string;
  seconds: number;
}

/**
 * What this process has done, in numbers for Prometheus, counted where it happens. A registry of its own: two
 * applications in one process (tests) do not meet. What rows tell is read when somebody asks (src/sight).
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly listeners = new Set<(note: RequestNote) => void>();
  private readonly workflows = new BoundedLabels(MOST_WORKFLOWS);
  private readonly runs = new BoundedLabels(MOST_RUNS);

  private readonly requests = new Histogram({
    name: 'cws_http_request_duration_seconds',
    help: 'HTTP requests by declared route, without event streams.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: [this.registry],
  });
  private readonly dispatches = new Histogram({
    name: 'cws_dispatch_latency_seconds',
    help: 'From the submit of a task to its first POST to a node.',
    labelNames: ['workflow'],
    buckets: TASK_BUCKETS,
    registers: [this.registry],
  });
  private readonly waits = new Histogram({
    name: 'cws_task_wait_seconds',
    help: 'From the submit of a task to the start of its first attempt on a node, of tasks whose first attempt completed.',
    labelNames: ['workflow'],
    buckets: TASK_BUCKETS,
    registers: [this.registry],
  });
  private readonly runTimes = new Histogram({
    name: 'cws_task_run_seconds',
    help: 'How long completed prompts ran on their nodes.',
    labelNames: ['workflow', 'node'],
    buckets: TASK_BUCKETS,
    registers: [this.registry],
  });
  private readonly settled = new Counter({
    name: 'cws_tasks_settled_total',
    help: 'Tasks that ended, by how.',
    labelNames: ['status'],
    registers: [this.registry],
  });
  // Not `job`: Prometheus has a label of that name of its own.
  private readonly jobRuns = new Counter({
    name: 'cws_job_runs_total',
    help: 'Runs of scheduled jobs in this process, by result.',
    labelNames: ['job_name', 'result'],
    registers: [this.registry],
  });
  private readonly jobTimes = new Histogram({
    name: 'cws_job_duration_seconds',
    help: 'How long runs of scheduled jobs took in this process.',
    labelNames: ['job_name'],
    buckets: JOB_BUCKETS,
    registers: [this.registry],
  });
  private readonly jobPeriods = new Gauge({
    name: 'cws_job_period_seconds',
    help: 'How far apart the due moments of a scheduled job are.',
    labelNames: ['job_name'],
    registers: [this.registry],
  });

  constructor() {
    // Rates need a first value: a counter that appears with its first failure shows no rise.
    for (const status of ['completed', 'failed', 'cancelled']) this.settled.inc({ status }, 0);
  }

  /** For who sums requests up in another way. */
  onRequest(listener: (note: RequestNote) => void): void {
    this.listeners.add(listener);
  }

  noteRequest(note: RequestNote): void {
    const { method, route = 'none', status, seconds } = note;
    this.requests.observe({ method, route, status }, seconds);
    for (const listener of this.listeners) listener(note);
  }

  noteDispatch(workflow: string, seconds: number): void {
    this.dispatches.observe({ workflow: this.workflows.limit(workflow) }, Math.max(0, seconds));
  }

  noteWait(workflow: string, seconds: number): void {
    this.waits.observe({ workflow: this.workflows.limit(workflow) }, Math.max(0, seconds));
  }

  noteRun({ workflow, node, seconds }: RunNote): void {
    const known = this.workflows.limit(workflow);
    const isKnown = this.runs.has(`${known}\n${node}`);
    this.runTimes.observe({ workflow: known, node: isKnown ? node : 'other' }, Math.max(0, seconds));
  }

  noteSettled(status: 'completed' | 'failed' | 'cancelled', count = 1): void {
    if (count > 0) this.settled.inc({ status }, count);
  }

  noteJob(job: string, result: 'done' | 'failed', seconds: number): void {
    this.jobRuns.inc({ job_name: job, result });
    this.jobTimes.observe({ job_name: job }, seconds);
  }

  /** Of every job that this process may run; their runs count from 0. */
  announceJob(job: string, periodSeconds: number): void {
    this.jobPeriods.set({ job_name: job }, periodSeconds);
    for (const result of ['done', 'failed']) this.jobRuns.inc({ job_name: job, result }, 0);
  }
}
