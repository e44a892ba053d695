import { Injectable } from '@nestjs/common';
import type { NodeView } from '../../admin/index.js';
import { findMissing, GlobalTasksService, requirementOf, WorkflowVersionsService } from '../../shared/index.js';

/** Tells where else a task could run, for those who take it off the node that it has. */
@Injectable()
export class CapableNodes {
  constructor(
    private readonly tasks: GlobalTasksService,
    private readonly workflows: WorkflowVersionsService,
  ) {}

  /** Those of the nodes that have what the task needs, and did not fail it before. */
  async listFor(taskId: string, nodes: NodeView[]): Promise<NodeView[]> {
    const { workflowName, workflowVersion, modelName, excludedNodeIds } = await this.tasks.getRunnable(taskId);
    const definition = await this.workflows.find(workflowName, workflowVersion);
    if (!definition) return [];
    const requirement = requirementOf(definition, modelName);
    return nodes.filter(
      ({ nodeId, capabilities }) =>
        capabilities && !excludedNodeIds.includes(nodeId) && findMissing(requirement, capabilities) === undefined,
    );
  }
}
