import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/index.js';
import { GlobalTasksService } from '../../shared/index.js';
import type { ClusterStatsView, LoadBalancerView } from './cluster.view.js';
import { NODE_STATUSES, toClusterView } from './node-view.js';
import { NodesService } from './nodes.service.js';

/** The fleet in numbers, and how work is shared out among it. */
@Injectable()
export class ClusterService {
  constructor(
    private readonly nodes: NodesService,
    private readonly tasks: GlobalTasksService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async getStats(): Promise<ClusterStatsView> {
    const [nodes, { queued, processing }] = await Promise.all([this.nodes.list(), this.tasks.countUnfinished()]);
    const { nodes: shown, cluster_stats: stats } = toClusterView(nodes);
    const online = shown.filter(({ status }) => status === 'online' || status === 'busy');
    return {
      ...stats,
      nodes_by_status: Object.fromEntries(
        NODE_STATUSES.map((status) => [status, shown.filter((node) => node.status === status).length]),
      ),
      max_concurrent: online.reduce((sum, node) => sum + node.max_concurrent, 0),
      gpu_memory_bytes: online.reduce((sum, { metadata }) => sum + (metadata.gpu_memory_bytes ?? 0), 0),
      queued_tasks: queued,
      running_tasks: processing,
    };
  }

  getLoadBalancer(): LoadBalancerView {
    const { nodes, dispatch, limits } = this.settings;
    return {
      strategy: dispatch.strategy,
      prompts_per_node: 2,
      running_per_user: limits.runningPerUser,
      max_attempts: dispatch.maxAttempts,
      health_check_seconds: nodes.healthMs / 1_000,
      lost_after_seconds: nodes.lostAfterMs / 1_000,
    };
  }
}
