import type { Migration } from '../../database/index.js';
import { widenColumn } from './old-tables.js';

export const longAnswers: Migration = {
  version: '20261122_0005',
  name: 'long-answers',
  description: 'Lets a log row hold an answer of more than 64 KiB, as the item it comes from does.',
  steps: () => [widenColumn('task_flames_logs', 'response', 'mediumtext')],
};
