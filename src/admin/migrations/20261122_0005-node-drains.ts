import type { Migration } from '../../database/index.js';

export const nodeDrains: Migration = {
  version: '20261122_0005',
  name: 'node-drains',
  description: 'Lets a node be drained: no new tasks, and from a moment on none at all.',
  steps: () => [
    {
      up: 'ALTER TABLE nodes ADD COLUMN drain_until datetime(3) NULL, ALGORITHM=INSTANT, LOCK=DEFAULT',
      down: 'ALTER TABLE nodes DROP COLUMN drain_until, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'nodes' AND column_name = 'drain_until'`,
    },
  ],
};
