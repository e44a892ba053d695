import { setTimeout as pause } from 'node:timers/promises';
import { ConflictError, UnavailableError } from '../common/index.js';
import { isOver, type FlamesTaskDetailView, type FlamesTasksService } from '../flames/index.js';

const LOOK_MS = 300;

/** Shows how far a task is until it is over; the signal cancels it, and its end is waited for all the same. */
export async function followTask(
  tasks: FlamesTasksService,
  taskId: string,
  { signal, show }: { signal: AbortSignal; show: (task: FlamesTaskDetailView) => void },
): Promise<FlamesTaskDetailView> {
  let isCancelled = false;
  for (;;) {
    const task = await tasks.getDetail(taskId).catch(unlessAway);
    if (task) show(task);
    if (task && isOver(task.status)) return task;
    if (signal.aborted && !isCancelled) {
      isCancelled = true;
      await tasks.cancel(taskId).catch(unlessOver);
    } else {
      await pause(LOOK_MS);
    }
  }
}

/** The run itself waits for a database that is away for a moment; so does whoever looks on. */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof UnavailableError)) throw error;
}

function unlessOver(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}
