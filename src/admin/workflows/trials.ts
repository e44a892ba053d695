import type { TaskParameter, WorkflowDefinition } from '../../shared/index.js';
import type { NodeCapabilities } from '../nodes/node-view.js';

export interface TrialOptions {
  nodeUrl: string;
  definition: WorkflowDefinition;
  parameters: TaskParameter[];
  capabilities: NodeCapabilities;
  withinMs: number;
}

/**
 * What only those can do who drive the nodes, whom this module must not know; the application hands them in
 * (src/trials.module.ts).
 */
export interface Trials {
  /** Renders it once on that node, beside its slots. Throws an UpstreamError where it fails, 409 where trials run. */
  render(options: TrialOptions): Promise<{ seconds: number; picture: string }>;
}

export const TRIALS = Symbol('trials');
