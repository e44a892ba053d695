import type { Migration } from '../../database/index.js';
import { tasks } from './20261122_0001-tasks.js';
import { datasets } from './20261122_0002-datasets.js';
import { runs } from './20261122_0003-runs.js';
import { itemEnds } from './20261122_0004-item-ends.js';
import { longAnswers } from './20261122_0005-long-answers.js';
import { oldTimes } from './20261122_0006-old-times.js';

/** In the order in which they run. */
export const FLAMES_MIGRATIONS: Migration[] = [tasks, datasets, runs, itemEnds, longAnswers, oldTimes];
