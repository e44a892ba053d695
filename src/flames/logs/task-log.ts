import { CHINESE_NAME_OF, type Dimension } from '../dimensions.js';

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

/** Old rows may stand under a name of nobody's: that name itself. */
export function chineseNameOf(dimension: string): string {
  return Object.hasOwn(CHINESE_NAME_OF, dimension) ? CHINESE_NAME_OF[dimension as Dimension] : dimension;
}
