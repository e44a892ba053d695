import { Injectable } from '@nestjs/common';
import { Clock, HostLoad, RelaxedReading } from '../../common/index.js';
import { QueueFiguresService } from '../../shared/index.js';
import { toClusterView } from '../nodes/node-view.js';
import { NodesService } from '../nodes/nodes.service.js';
import type { SystemStatusView } from './system-status.view.js';

const FRESH_MS = 2_000;

/** The figures at the top of the dashboard, which every open page asks for every few seconds. */
@Injectable()
export class SystemStatusService {
  private readonly rows: RelaxedReading<Omit<SystemStatusView, 'system_load'>>;

  constructor(
    private readonly nodes: NodesService,
    private readonly queue: QueueFiguresService,
    private readonly host: HostLoad,
    clock: Clock,
  ) {
    this.rows = new RelaxedReading(clock, FRESH_MS, () => this.count());
  }

  async get(): Promise<SystemStatusView> {
    const { cpu, memory } = this.host.read();
    return { ...(await this.rows.get()), system_load: { cpu, memory } };
  }

  private async count(): Promise<Omit<SystemStatusView, 'system_load'>> {
    const [nodes, tasks] = await Promise.all([this.nodes.list(), this.queue.countByStatus()]);
    const { total_nodes, online_nodes } = toClusterView(nodes).cluster_stats;
    return {
      ...{ total_nodes, online_nodes },
      total_tasks: Object.values(tasks).reduce((sum, count) => sum + count, 0),
      running_tasks: tasks.processing,
      completed_tasks: tasks.completed,
      failed_tasks: tasks.failed,
    };
  }
}
