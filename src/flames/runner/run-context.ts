import type { Clock, Logger } from '../../common/index.js';
import type { TaskLogsService } from '../logs/task-logs.service.js';
import type { Scorer } from '../scoring/scorer.js';
import type { AdaptiveLimiter } from '../targets/adaptive-limiter.js';
import type { ChatTarget } from '../targets/chat-target.js';
import type { FlamesItemsRepository } from '../tasks/flames-items.repository.js';
import type { FlamesTaskConfig } from '../tasks/flames-task.js';
import type { Claim, TaskClaimsRepository } from '../tasks/task-claims.repository.js';
import type { ItemWriter } from './item-writer.js';
import type { ScorerPauses } from './scorer-pauses.js';

/** What the three loops of a run (asking, scoring, logging) share. */
export interface RunContext {
  claim: Claim;
  config: FlamesTaskConfig;
  target: ChatTarget;
  scorer: Scorer;
  /** Tries the scorer on plain cases. */
  checkScorer: () => Promise<void>;
  pauses: ScorerPauses;
  limiter: AdaptiveLimiter;
  writer: ItemWriter;
  items: FlamesItemsRepository;
  claims: TaskClaimsRepository;
  logs: TaskLogsService;
  clock: Clock;
  logger: Logger;
  /** Ends the run for this reason, unless it ends for another already. */
  fail: (error: unknown) => void;
  /** Nothing more is begun; what is under way goes on. */
  halt: AbortSignal;
  /** What is under way is broken off. */
  abort: AbortSignal;
}
