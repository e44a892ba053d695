import { Injectable } from '@nestjs/common';
import { CancelWishesService, type CancelOutcome } from './cancel-wishes.service.js';
import { TaskTracesRepository, type TaskTrace } from './task-traces.repository.js';

/** Users' tasks in the hands of admins. */
@Injectable()
export class OverseenTasksService {
  constructor(
    private readonly cancels: CancelWishesService,
    private readonly traces: TaskTracesRepository,
  ) {}

  cancel(taskId: string): Promise<CancelOutcome> {
    return this.cancels.cancel(taskId);
  }

  findTrace(taskId: string): Promise<TaskTrace | undefined> {
    return this.traces.find(taskId);
  }
}
