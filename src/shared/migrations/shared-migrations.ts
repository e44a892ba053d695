import type { Migration } from '../../database/index.js';
import { tasks } from './20261122_0001-tasks.js';
import { files } from './20261122_0002-files.js';
import { mechanisms } from './20261122_0003-mechanisms.js';
import { statistics } from './20261122_0004-statistics.js';
import { resultsByHash } from './20261122_0005-results-by-hash.js';
import { taskInputs } from './20261122_0006-task-inputs.js';
import { queueHead } from './20261122_0007-queue-head.js';
import { fewerIndexes } from './20261122_0008-fewer-indexes.js';
import { statisticsByDayAndUser } from './20261122_0009-statistics-by-day-and-user.js';
import { forAdmins } from './20261122_0010-for-admins.js';
import { listsForAdmins } from './20261122_0011-for-admins-lists.js';

/** In the order in which they run. */
export const SHARED_MIGRATIONS: Migration[] = [
  tasks,
  files,
  mechanisms,
  statistics,
  resultsByHash,
  taskInputs,
  queueHead,
  fewerIndexes,
  statisticsByDayAndUser,
  forAdmins,
  listsForAdmins,
];
