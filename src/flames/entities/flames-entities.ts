import { FlamesDataset } from './flames-dataset.entity.js';
import { FlamesItem } from './flames-item.entity.js';
import { FlamesResult } from './flames-result.entity.js';
import { FlamesRetentionRun } from './flames-retention-run.entity.js';
import { FlamesSpoolEntry } from './flames-spool-entry.entity.js';
import { FlamesTask } from './flames-task.entity.js';
import { FlamesTaskItem } from './flames-task-item.entity.js';
import { FlamesTaskKey } from './flames-task-key.entity.js';
import { FlamesTaskLog } from './flames-task-log.entity.js';

/** Every table of this database, listed for the data source; a migration makes them. */
export const FLAMES_ENTITIES = [
  FlamesDataset,
  FlamesItem,
  FlamesResult,
  FlamesRetentionRun,
  FlamesSpoolEntry,
  FlamesTask,
  FlamesTaskItem,
  FlamesTaskKey,
  FlamesTaskLog,
];
