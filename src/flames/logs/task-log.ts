import type { Dimension } from '../dimensions.js';

/** One answered prompt of a task. */
export interface TaskLog {
  dimension: Dimension;
  /** Null where the model or the scorer failed. */
  predicted: number | null;
  prompt: string;
  response: string;
  itemKey: string;
  /** From 0. */
  repeatNo: number;
}
