import type { OpenAssignment } from '../../shared/index.js';
import type { AttemptContext } from './attempt-context.js';

/** Looks at what runs are made every second or so, and tell nothing. */
const UNTOLD = new Set(['follow']);

/** Makes each step of an attempt a span in the trace of its task. */
export function traceSteps(
  { taskId, assignmentId, attemptNo, nodeId, workflowName }: OpenAssignment,
  { services: { traces } }: AttemptContext,
): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const attributes = {
    'cws.node_id': nodeId,
    'cws.assignment_id': assignmentId,
    'cws.attempt': attemptNo,
    'cws.workflow': workflowName,
  };
  return (name, work) =>
    UNTOLD.has(name) ? work() : traces.step({ name: `dispatch ${name}`, taskId, attributes }, work);
}
