export { checkNode, type NodeFinding, type TestPicture } from './check-node.js';
export { DispatchModule } from './dispatch.module.js';
export { TaskExplanations, type TaskExplanation } from './scheduling/task-explanations.service.js';
