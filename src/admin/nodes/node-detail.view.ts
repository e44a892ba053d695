import { ApiProperty } from '@nestjs/swagger';
import type { NodeAttempt, OpenAssignment } from '../../shared/index.js';
import { AttemptOutcomeView, toAttemptOutcomeView } from '../tasks/attempt.view.js';
import { NODE_STATUSES, toClusterNodeView, type NodeStatus, type NodeView } from './node-view.js';

export class RunningPromptView {
  @ApiProperty({ description: "Also the prompt's id on the node." })
  assignment_id: string;

  @ApiProperty()
  task_id: string;

  @ApiProperty()
  client_id: string;

  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ type: 'integer' })
  attempt_no: number;

  @ApiProperty({ example: 'running' })
  status: string;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Null once the node is done with it.' })
  slot: number | null;

  @ApiProperty()
  progress: number;

  @ApiProperty({ format: 'date-time' })
  assigned_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  started_at: string | null;
}

export class NodeAttemptView extends AttemptOutcomeView {
  @ApiProperty()
  assignment_id: string;

  @ApiProperty()
  task_id: string;

  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: Number, nullable: true, description: 'On the node.' })
  run_seconds: number | null;
}

export class NodeUsageView {
  @ApiProperty({ description: 'Percent, 0 where unknown; so are the others.' })
  cpu: number;

  @ApiProperty()
  memory: number;

  @ApiProperty()
  gpu: number;

  @ApiProperty()
  gpu_memory: number;
}

export class NodeDetailView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ example: 'GPU 1' })
  name: string;

  @ApiProperty({ example: 'http://10.0.0.5:8188' })
  url: string;

  @ApiProperty({ example: '10.0.0.5' })
  host: string;

  @ApiProperty({ type: 'integer', example: 8188 })
  port: number;

  @ApiProperty({ enum: NODE_STATUSES })
  status: NodeStatus;

  @ApiProperty()
  is_cordoned: boolean;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  drain_until: string | null;

  @ApiProperty()
  load_percentage: number;

  @ApiProperty({ type: 'integer' })
  current_load: number;

  @ApiProperty({ type: 'integer' })
  max_concurrent: number;

  @ApiProperty({ type: [String], example: ['text_to_image'] })
  task_types: string[];

  @ApiProperty({ type: Object, example: { gpu_model: 'RTX 4090', location: 'rack 3', priority: 1 } })
  metadata: Record<string, unknown>;

  @ApiProperty({ type: [String], description: "The node's classes; empty until it was asked." })
  classes: string[];

  @ApiProperty({
    type: Object,
    example: { 'CheckpointLoaderSimple.ckpt_name': ['sd15.safetensors'] },
    description: 'The files that it offers, by class and input.',
  })
  models: Record<string, string[]>;

  @ApiProperty({ type: String, nullable: true, example: '0.3.64' })
  comfyui_version: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  last_heartbeat: string | null;

  @ApiProperty({ type: String, nullable: true })
  last_error: string | null;

  @ApiProperty({ type: NodeUsageView })
  usage: NodeUsageView;

  @ApiProperty({ type: Object, example: { is_open: false, open_workflows: [], reopens_at: null, reason: null } })
  breaker: { is_open: boolean; open_workflows: string[]; reopens_at: string | null; reason: string | null };

  @ApiProperty({ type: [RunningPromptView] })
  open_prompts: RunningPromptView[];

  @ApiProperty({ type: [NodeAttemptView], description: 'The latest that are over.' })
  recent_attempts: NodeAttemptView[];

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 0.98,
    description: 'Of recent_attempts without those that were cancelled or taken back; null where there are none.',
  })
  success_rate: number | null;

  @ApiProperty({ description: 'For PATCH: of what can be changed there.' })
  version: string;
}

/** Ended by somebody's wish: they say nothing of the node. */
const TAKEN_BACK = new Set(['RECALLED', 'REQUEUED', 'NODE_DRAINED', 'superseded']);

export function toNodeDetailView(
  node: NodeView,
  { open, attempts, version }: { open: OpenAssignment[]; attempts: NodeAttempt[]; version: string },
): NodeDetailView {
  const { capabilities: taskTypes, version: comfyUiVersion, ...shown } = toClusterNodeView(node);
  return {
    ...shown,
    url: node.url,
    is_cordoned: node.isCordoned,
    drain_until: node.drainUntil?.toISOString() ?? null,
    task_types: taskTypes,
    metadata: node.metadata,
    classes: node.capabilities?.classes ?? [],
    models: node.capabilities?.models ?? {},
    comfyui_version: comfyUiVersion,
    open_prompts: open.map(toRunningPromptView),
    recent_attempts: attempts.map(toNodeAttemptView),
    success_rate: successRateOf(attempts),
    version,
  };
}

function successRateOf(attempts: NodeAttempt[]): number | null {
  const counted = attempts.filter(
    ({ status, errorCode }) => status !== 'cancelled' && !TAKEN_BACK.has(errorCode ?? ''),
  );
  if (counted.length === 0) return null;
  const completed = counted.filter(({ status }) => status === 'completed').length;
  return Math.round((completed / counted.length) * 1_000) / 1_000;
}

function toRunningPromptView(open: OpenAssignment): RunningPromptView {
  return {
    assignment_id: open.assignmentId,
    task_id: open.taskId,
    client_id: open.userId,
    workflow_name: open.workflowName,
    attempt_no: open.attemptNo,
    status: open.status,
    slot: open.slot,
    progress: open.progress,
    assigned_at: open.assignedAt.toISOString(),
    started_at: open.startedAt?.toISOString() ?? null,
  };
}

function toNodeAttemptView(attempt: NodeAttempt): NodeAttemptView {
  const { startedAt, endedOnNodeAt } = attempt;
  return {
    ...toAttemptOutcomeView(attempt),
    assignment_id: attempt.assignmentId,
    task_id: attempt.taskId,
    workflow_name: attempt.workflowName,
    run_no: attempt.runNo,
    run_seconds: startedAt && endedOnNodeAt ? (+endedOnNodeAt - +startedAt) / 1_000 : null,
  };
}
