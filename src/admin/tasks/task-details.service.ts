import { Inject, Injectable, Optional } from '@nestjs/common';
import { NotFoundError } from '../../common/index.js';
import { TaskRecordsRepository, type RecordedResult, type TaskParameter, type TaskRecord } from '../../shared/index.js';
import { OutputLinksService } from './output-links.service.js';
import {
  toAttemptView,
  toTaskOwnView,
  type OverseenTaskView,
  type TaskParameterView,
  type TaskResultView,
} from './task-detail.view.js';
import { USER_TASKS, type UserTasks } from './user-tasks.js';

/** Everything about one task. */
@Injectable()
export class TaskDetailsService {
  constructor(
    private readonly records: TaskRecordsRepository,
    private readonly links: OutputLinksService,
    @Optional() @Inject(USER_TASKS) private readonly userTasks?: UserTasks,
  ) {}

  async get(taskId: string, origin: string): Promise<OverseenTaskView> {
    const task = await this.records.find(taskId);
    if (!task) throw new NotFoundError('There is no such task.', 'TASK_NOT_FOUND');
    const [parameters, results, attempts, trace] = await Promise.all([
      this.records.listParameters(task.id),
      this.records.listResults(task.id),
      this.records.listAttempts(task.id),
      this.userTasks?.findTrace(taskId),
    ]);
    return {
      ...toTaskOwnView(task),
      username: trace?.username ?? null,
      parameters: parameters.map(toParameterView),
      results: results.map((result) => this.toResultView(task, result, origin)),
      attempts: attempts.map(toAttemptView),
    };
  }

  private toResultView(task: TaskRecord, result: RecordedResult, origin: string): TaskResultView {
    const { outputIndex: index, fileName } = result;
    const address = { taskId: task.taskId, index, fileName: fileName ?? 'file' };
    return {
      run_no: result.runNo,
      index,
      type: result.resultType,
      file_id: result.fileId,
      file_name: fileName,
      mime_type: result.mimeType,
      file_size: result.fileSize === null ? null : Number(result.fileSize),
      width: result.width,
      height: result.height,
      url: result.runNo === task.runNo && result.fileHash ? this.links.linkTo(address, origin) : null,
    };
  }
}

function toParameterView({ name, type, value }: TaskParameter): TaskParameterView {
  return { name, type, value: parsed(value) };
}

/** Rows of old installations hold bare text. */
function parsed(value: string | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
