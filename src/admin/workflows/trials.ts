import type { TaskParameter, WorkflowDefinition } from '../../shared/index.js';
import type { NodeCapabilities } from '../nodes/node-view.js';

/** What a workflow asks of a node. */
export interface WorkflowNeeds {
  classes: string[];
  /** `Class.input` → the file that the graph names there. */
  models: Record<string, string>;
}

export interface TrialOptions {
  nodeUrl: string;
  definition: WorkflowDefinition;
  parameters: TaskParameter[];
  capabilities: NodeCapabilities;
  withinMs: number;
}

/**
 * What only those can say who drive the nodes, whom this module must not know; the application hands them in
 * (src/trials.module.ts).
 */
export interface Trials {
  needsOf(definition: WorkflowDefinition): WorkflowNeeds;
  /** All that a node lacks for it, in words. */
  listMissing(needs: WorkflowNeeds, capabilities: NodeCapabilities): readonly string[];
  /** Renders it once on that node, beside its queue of tasks. Throws an UpstreamError where it fails. */
  render(options: TrialOptions): Promise<{ seconds: number; picture: string }>;
}

export const TRIALS = Symbol('trials');
