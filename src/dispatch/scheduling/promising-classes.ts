import { findOpen } from './choose-node.js';
import { isImpossible, judgeNodes, type Fitness } from './fitness.js';
import type { Need } from './needs.js';
import { Occupancy } from './occupancy.js';
import { orderClasses } from './order-classes.js';
import type { TaskClass } from './place-in-line.js';
import type { Situation } from './situation.js';

type Surroundings = Pick<Situation, 'nodes' | 'running' | 'policy' | 'nowMs'>;

/**
 * Those that something may be done for now, in the order in which their heads are read: what no node with room could
 * run, or what is at a limit, is left out before it is read. A class whose need is not known yet is read.
 */
export function findPromising(
  classes: TaskClass[],
  needOf: (requirementKey: string) => Need | undefined,
  { nodes, running, policy, nowMs }: Surroundings,
): TaskClass[] {
  const occupancy = new Occupancy(nodes, running);
  const judged = new Map<string, Judged>();
  const judge = (key: string): Judged => {
    const known = judged.get(key) ?? judgeNeed(needOf(key), { nodes, occupancy, policy });
    judged.set(key, known);
    return known;
  };
  const promising = classes.filter(({ userId, requirementKey }) => {
    const { fitness, mayRun, mayFail } = judge(requirementKey);
    if (!fitness || mayFail) return true;
    return mayRun && occupancy.tasksOfUser(userId) < policy.runningPerUser;
  });
  const topPriority = classes.reduce((top, { priority }) => Math.max(top, priority), -Infinity);
  const capableIdsOf = (key: string) => judge(key).fitness?.capableIds ?? new Set<string>();
  return orderClasses(promising, { policy, nowMs, topPriority, occupancy, capableIdsOf });
}

interface Judged {
  fitness: Fitness | undefined;
  mayRun: boolean;
  mayFail: boolean;
}

function judgeNeed(
  need: Need | undefined,
  { nodes, occupancy, policy }: Pick<Situation, 'nodes' | 'policy'> & { occupancy: Occupancy },
): Judged {
  if (!need) return { fitness: undefined, mayRun: true, mayFail: false };
  const { requirement, workflowName, workflowLimit } = need;
  const fitness = judgeNodes(requirement, nodes);
  const isAtLimit = workflowLimit > 0 && occupancy.tasksOfWorkflow(workflowName) >= workflowLimit;
  return {
    fitness,
    mayRun: !isAtLimit && findOpen(fitness.capable, { occupancy, policy }).length > 0,
    mayFail: policy.impossibleTasks === 'fail' && isImpossible(fitness),
  };
}
