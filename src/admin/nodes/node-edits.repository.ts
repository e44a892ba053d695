import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';

/** What admins may change of a node. */
export interface EditableNode {
  name: string;
  url: string;
  host: string;
  port: number;
  maxConcurrent: number;
  taskTypes: string[];
  metadata: Record<string, unknown>;
}

/** SQL of changes of nodes by hand; what is seen of them is NodeHealthRepository's. */
@Injectable()
export class NodeEditsRepository {
  constructor(@InjectDatabase('admin') readonly database: Database) {}

  /** At another address stands another server: what was seen of the old one says nothing of it. */
  async update(executor: Executor, nodeId: string, node: EditableNode): Promise<void> {
    const { url, name, maxConcurrent, host, port, taskTypes, metadata } = node;
    await executor.run(
      `UPDATE nodes
       SET status = IF(api_url = ?, status, 'offline'), capabilities = IF(api_url = ?, capabilities, NULL),
           breaker = IF(api_url = ?, breaker, NULL), name = ?, max_load = ?, host = ?, port = ?, api_url = ?,
           supported_task_types = ?, metadata = ?
       WHERE node_id = ?`,
      [
        ...[url, url, url, name, maxConcurrent, host, port, url],
        ...[JSON.stringify(taskTypes), JSON.stringify(metadata), nodeId],
      ],
    );
  }
}
