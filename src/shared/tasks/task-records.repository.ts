import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase } from '../../database/index.js';
import type { ResultType, TaskParameter, TaskState, TaskType } from './task-events.js';
import type { AssignmentStatus, TaskStatus } from './task-state.js';

/** All that the queue knows of a task. */
export interface TaskRecord {
  id: string;
  taskId: string;
  sourceType: 'client' | 'admin';
  sourceUserId: string;
  taskType: TaskType;
  workflowName: string;
  workflowVersion: number;
  batchId: string | null;
  prompt: string | null;
  negativePrompt: string | null;
  status: TaskStatus;
  priority: number;
  runNo: number;
  cancelRun: number;
  stateVersion: number;
  attemptCount: number;
  nodeDeaths: number;
  excludedNodeIds: string[];
  retryAt: Date | null;
  progress: string;
  message: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  nodeId: string | null;
  estimatedTime: number | null;
  actualTime: number | null;
  queuedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  forgottenAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  modelName: string | null;
  seed: string | null;
}

/** One try on one node, of any of the task's runs. */
export interface AttemptRecord {
  assignmentId: string;
  nodeId: string;
  runNo: number;
  attemptNo: number;
  status: AssignmentStatus;
  slot: number | null;
  assignedAt: Date;
  postStartedAt: Date | null;
  acceptedAt: Date | null;
  startedAt: Date | null;
  endedOnNodeAt: Date | null;
  completedAt: Date | null;
  requeueWishedAt: Date | null;
  errorCode: string | null;
  errorMessage: string | null;
  reason: string | null;
}

export interface RecordedResult {
  runNo: number;
  outputIndex: number;
  resultType: ResultType;
  fileId: string | null;
  fileHash: string | null;
  fileName: string | null;
  mimeType: string | null;
  fileSize: string | null;
  width: number | null;
  height: number | null;
  createdAt: Date;
}

/** A change of state as it was announced. */
export interface AnnouncedState {
  state: TaskState;
  createdAt: Date;
  publishedAt: Date | null;
  parkedAt: Date | null;
}

const COLUMNS = `id, task_id AS taskId, source_type AS sourceType, source_user_id AS sourceUserId, task_type AS taskType,
  workflow_name AS workflowName, workflow_version AS workflowVersion, batch_id AS batchId, prompt,
  negative_prompt AS negativePrompt, status, priority, run_no AS runNo, cancel_run AS cancelRun,
  state_version AS stateVersion, attempt_count AS attemptCount, node_deaths AS nodeDeaths,
  excluded_nodes AS excludedNodeIds, retry_at AS retryAt, progress, message, error_code AS errorCode,
  error_message AS errorMessage, node_id AS nodeId, estimated_time AS estimatedTime, actual_time AS actualTime,
  queued_at AS queuedAt, started_at AS startedAt, completed_at AS completedAt, forgotten_at AS forgottenAt,
  created_at AS createdAt, updated_at AS updatedAt, model_name AS modelName, seed`;

/** SQL of single tasks for those who want to know everything about one. */
@Injectable()
export class TaskRecordsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async find(taskId: string): Promise<TaskRecord | undefined> {
    const [row] = await this.database.rows<TaskRecord>(`SELECT ${COLUMNS} FROM global_tasks WHERE task_id = ?`, [
      taskId,
    ]);
    return row && { ...row, excludedNodeIds: fromJson<string[] | null>(row.excludedNodeIds) ?? [] };
  }

  listParameters(taskRowId: string): Promise<TaskParameter[]> {
    return this.database.rows(
      `SELECT parameter_name AS name, parameter_type AS type, parameter_value AS value, file_hash AS fileHash
       FROM global_task_parameters WHERE task_id = ? ORDER BY id`,
      [taskRowId],
    );
  }

  listResults(taskRowId: string): Promise<RecordedResult[]> {
    return this.database.rows(
      `SELECT run_no AS runNo, output_index AS outputIndex, result_type AS resultType, file_id AS fileId,
              file_hash AS fileHash, file_name AS fileName, mime_type AS mimeType, file_size AS fileSize, width, height,
              created_at AS createdAt
       FROM global_task_results WHERE task_id = ? ORDER BY run_no, output_index`,
      [taskRowId],
    );
  }

  listAttempts(taskRowId: string): Promise<AttemptRecord[]> {
    return this.database.rows(
      `SELECT assignment_id AS assignmentId, node_id AS nodeId, run_no AS runNo, attempt_no AS attemptNo, status, slot,
              assigned_at AS assignedAt, post_started_at AS postStartedAt, accepted_at AS acceptedAt,
              started_at AS startedAt, ended_on_node_at AS endedOnNodeAt, completed_at AS completedAt,
              requeue_wished_at AS requeueWishedAt, error_code AS errorCode, error_message AS errorMessage, reason
       FROM node_task_assignments WHERE task_id = ? ORDER BY id`,
      [taskRowId],
    );
  }

  /** As long as their events are kept. */
  async listAnnounced(taskId: string): Promise<AnnouncedState[]> {
    const rows = await this.database.rows<Omit<AnnouncedState, 'state'> & { payload: unknown }>(
      `SELECT payload, created_at AS createdAt, published_at AS publishedAt, parked_at AS parkedAt
       FROM outbox WHERE aggregate_id = ? ORDER BY id`,
      [taskId],
    );
    return rows.map(({ payload, ...times }) => ({ ...times, state: fromJson<TaskState>(payload) }));
  }

  /** A file of the task's current run. */
  async findResult(taskId: string, outputIndex: number): Promise<RecordedResult | undefined> {
    const [row] = await this.database.rows<RecordedResult>(
      `SELECT r.run_no AS runNo, r.output_index AS outputIndex, r.file_hash AS fileHash, r.file_name AS fileName,
              r.mime_type AS mimeType
       FROM global_tasks t JOIN global_task_results r ON r.task_id = t.id AND r.run_no = t.run_no
       WHERE t.task_id = ? AND r.output_index = ?`,
      [taskId, outputIndex],
    );
    return row;
  }
}
