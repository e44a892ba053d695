import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { PerformanceMetricsRepository, type Sample } from '../admin/index.js';
import { HostLoad, percentile } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { QueueFiguresService, type EndedTask } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FORGOTTEN_AT_ONCE = 5_000;
const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;
const ENDS = ['completed', 'failed', 'cancelled'] as const;

/** Samples machine, queue and nodes for each minute, once: a minute that is written is never written again. */
@Injectable()
export class PerformanceMetricsJob implements Job {
  readonly name = 'performance-metrics';
  readonly description = 'Samples machine, queue and nodes once a minute.';
  // Some seconds after the minute's end: what ended in it has been committed by then.
  readonly schedule = '5 * * * * *';

  constructor(
    private readonly metrics: PerformanceMetricsRepository,
    private readonly queue: QueueFiguresService,
    private readonly host: HostLoad,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    // The first minute's load is that since the start, and not unknown.
    this.host.read();
  }

  async run({ dueAt }: JobContext): Promise<JobResult> {
    const recordedAt = new Date(Math.floor(dueAt.getTime() / MINUTE_MS) * MINUTE_MS);
    const samples = [...this.system(), ...(await this.tasks(recordedAt))];
    const isNew = await this.metrics.write({ source: 'installation', recordedAt, samples, withNodes: true });
    const before = new Date(recordedAt.getTime() - this.settings.retention.metricDays * DAY_MS);
    await this.metrics.forgetMinutes(before, FORGOTTEN_AT_ONCE);
    return { minute: recordedAt.toISOString(), is_new: isNew };
  }

  private system(): Sample[] {
    const { cpu, memory, load } = this.host.read();
    const tags = { host: hostname() };
    return [
      { type: 'system', name: 'cpu_usage', value: cpu, unit: 'ratio', tags },
      { type: 'system', name: 'memory_usage', value: memory, unit: 'ratio', tags },
      { type: 'system', name: 'load_average', value: load, unit: 'processes', tags },
    ];
  }

  private async tasks(to: Date): Promise<Sample[]> {
    const waiting = await this.queue.listWaiting();
    const ended = await this.queue.listEnded(new Date(to.getTime() - MINUTE_MS), to);
    const queue = TASK_TYPES.flatMap((taskType): Sample[] => {
      const { tasks = 0, oldestSeconds = 0 } = waiting.find((each) => each.taskType === taskType) ?? {};
      const tags = { task_type: taskType };
      return [
        { type: 'task', name: 'queue_depth', value: tasks, unit: 'tasks', tags },
        { type: 'task', name: 'queue_age', value: oldestSeconds, unit: 'seconds', tags },
      ];
    });
    const settled = ENDS.map((status): Sample => {
      const value = ended.filter((task) => task.status === status).length;
      return { type: 'task', name: 'settled', value, unit: 'tasks', tags: { status } };
    });
    return [...queue, ...settled, ...times('wait', ended), ...times('run', ended)];
  }
}

/** Of the tasks that completed; a minute without any has no such samples. */
function times(what: 'wait' | 'run', ended: EndedTask[]): Sample[] {
  const completed = ended.filter(({ status }) => status === 'completed');
  const seconds = completed.flatMap(
    ({ waitSeconds, runSeconds }) => (what === 'wait' ? waitSeconds : runSeconds) ?? [],
  );
  return [50, 95].flatMap((each): Sample[] => {
    const value = percentile(seconds, each / 100);
    return value === undefined ? [] : [{ type: 'task', name: `${what}_p${each}`, value, unit: 'seconds' }];
  });
}
