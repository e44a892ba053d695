import type { Settings } from '../../config/index.js';
import { DEFAULT_POLICY, type PlanPolicy } from './situation.js';

/** The installation's policy, by its settings. */
export function toPolicy({ dispatch, limits }: Settings): PlanPolicy {
  return {
    ...DEFAULT_POLICY,
    strategy: dispatch.strategy,
    runningPerUser: limits.runningPerUser,
    ageingMs: dispatch.ageingSeconds * 1_000,
    affinityLoad: dispatch.affinityLoad,
    affinityStreak: dispatch.affinityStreak,
    impossibleTasks: dispatch.impossibleTasks,
  };
}
