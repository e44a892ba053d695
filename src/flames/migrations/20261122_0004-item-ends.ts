import type { Migration } from '../../database/index.js';
import { addMissingIndex } from './old-tables.js';

export const itemEnds: Migration = {
  version: '20261122_0004',
  name: 'item ends',
  description: 'Lets readers of progress and the writer of logs follow the items of a task in the order of their ends.',
  steps: () => [
    addMissingIndex('flames_task_items', 'KEY', 'ix_flames_task_items_task_id_ended_at_id', 'task_id, ended_at, id'),
  ],
};
