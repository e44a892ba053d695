import { Injectable } from '@nestjs/common';
import { requirementOf, WorkflowVersionsService, type QueuedTask, type Requirement } from '../../shared/index.js';
import type { Candidate } from './situation.js';

/** What all tasks with one requirement key need. */
export interface Need {
  requirement: Requirement;
  workflowName: string;
  workflowLimit: number;
}

/** Users name models freely: what is remembered of them has a bound. */
const MAX_NEEDS = 10_000;

/** What tasks need of a node, remembered by requirement key: published versions never change. */
@Injectable()
export class Needs {
  private readonly known = new Map<string, Need>();

  constructor(private readonly workflows: WorkflowVersionsService) {}

  /** Undefined where no task with this key was looked at yet. */
  recall(requirementKey: string): Need | undefined {
    return this.known.get(requirementKey);
  }

  /** Undefined where the task's workflow is not there: no node could ever run it. */
  async findCandidate(task: QueuedTask): Promise<Candidate | undefined> {
    const need = await this.find(task);
    if (!need) return undefined;
    return {
      taskId: task.taskId,
      runNo: task.runNo,
      userId: task.sourceUserId,
      priority: task.priority,
      queuedAtMs: task.queuedAt.getTime(),
      requirementKey: task.requirementKey,
      excludedNodeIds: task.excludedNodeIds,
      avoidedNodeId: task.avoidedNodeId,
      ...need,
    };
  }

  private async find(task: QueuedTask): Promise<Need | undefined> {
    const known = this.known.get(task.requirementKey);
    if (known) return known;
    const definition = await this.workflows.find(task.workflowName, task.workflowVersion);
    if (!definition) return undefined;
    const requirement = requirementOf(definition, task.modelName);
    const { workflowName } = task;
    const need = { requirement, workflowName, workflowLimit: definition.maxConcurrentTasks };
    if (this.known.size >= MAX_NEEDS) this.known.clear();
    this.known.set(task.requirementKey, need);
    return need;
  }
}
