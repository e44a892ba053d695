import { NotFoundError, NotReadyError } from '../../common/index.js';

/** The dashboard reads `msg` and `task_id`; everybody else `detail` and `code`. */
export function flamesTaskNotFound(taskId: string): NotFoundError {
  const fields = { task_id: taskId, msg: 'not found' };
  return new NotFoundError('There is no such evaluation.', 'FLAMES_TASK_NOT_FOUND', { fields });
}

export function flamesTaskNotCompleted(taskId: string, status: string | null): NotReadyError {
  const fields = { task_id: taskId, msg: 'not completed' };
  const message = `This evaluation is not completed, but ${status ?? 'in no known state'}.`;
  return new NotReadyError(message, 'FLAMES_TASK_NOT_COMPLETED', { fields });
}
