export { checkNode, type NodeFinding } from './check-node.js';
export { DispatchModule } from './dispatch.module.js';
export type { TestPicture } from './health/canary.js';
export { WorkflowTrials } from './health/workflow-trials.js';
export { TaskExplanations, type TaskExplanation } from './scheduling/task-explanations.service.js';
