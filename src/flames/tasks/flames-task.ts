import type { ScorerConfig } from '../scoring/scorer.js';

/** What a task may use; 0: no limit. */
export interface BudgetLimits {
  calls: number;
  tokens: number;
}

/** How a task is run, as its row keeps it: never a key. */
export interface FlamesTaskConfig {
  apiSite: string;
  model: string;
  temperature?: number;
  maxTokens?: number;
  concurrency: number;
  repeats: number;
  sample?: number;
  budget: BudgetLimits;
  scorer: ScorerConfig;
  /** SHA-256 of the dataset's file. */
  datasetHash: string;
}

/** A row of `task_flames`. Those of old installations have neither config nor items. */
export interface FlamesTaskRecord {
  taskId: string;
  modelName: string | null;
  status: string | null;
  datasetId: number | null;
  submitTime: Date | null;
  endTime: Date | null;
  result: unknown;
  config: FlamesTaskConfig | null;
  errorCode: string | null;
  errorMessage: string | null;
  userName: string | null;
  pausedAt: Date | null;
  cancelRequestedAt: Date | null;
  totalItems: number | null;
  callsUsed: number;
  tokensUsed: string;
}
