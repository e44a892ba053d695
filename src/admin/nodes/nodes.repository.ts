import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { toNodeBreaker } from './breaker.js';
import { readBreaker, type NodeUsage } from './node-health.repository.js';
import type { NodeCapabilities, NodeStatus, NodeView } from './node-view.js';

export interface NewNode {
  nodeId: string;
  name: string;
  url: string;
  host: string;
  port: number;
  maxConcurrent: number;
  taskTypes: string[];
  metadata: Record<string, unknown>;
}

/** `keepsBreaker`: a move does not clear it. */
type MovedNode = Omit<NewNode, 'taskTypes' | 'metadata'> & { keepsBreaker?: boolean };

interface NodeRow {
  nodeId: string;
  name: string;
  url: string;
  host: string;
  port: number;
  status: NodeStatus;
  cordoned: number;
  drainUntil: Date | null;
  currentLoad: number;
  maxLoad: number;
  capabilities: unknown;
  taskTypes: unknown;
  metadata: unknown;
  version: string | null;
  lastHeartbeat: Date | null;
  lastError: string | null;
  cpu: string;
  memory: string;
  gpu: string;
  gpuMemory: string;
  breaker: unknown;
}

const COLUMNS = `node_id AS nodeId, name, api_url AS url, host, port, status, cordoned, drain_until AS drainUntil,
  current_load AS currentLoad,
  max_load AS maxLoad, capabilities, supported_task_types AS taskTypes, metadata, version,
  last_heartbeat AS lastHeartbeat, last_error AS lastError, cpu_usage AS cpu, memory_usage AS memory,
  gpu_usage AS gpu, gpu_memory_usage AS gpuMemory, breaker`;

/** All SQL of `nodes`. */
@Injectable()
export class NodesRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async list(): Promise<NodeView[]> {
    return (await this.database.rows<NodeRow>(`SELECT ${COLUMNS} FROM nodes ORDER BY id`)).map(toNodeView);
  }

  async find(nodeId: string): Promise<NodeView | undefined> {
    const [row] = await this.database.rows<NodeRow>(`SELECT ${COLUMNS} FROM nodes WHERE node_id = ?`, [nodeId]);
    return row && toNodeView(row);
  }

  async findByUrl(url: string): Promise<NodeView | undefined> {
    const [row] = await this.database.rows<NodeRow>(`SELECT ${COLUMNS} FROM nodes WHERE api_url = ?`, [url]);
    return row && toNodeView(row);
  }

  /** Another one at this address, held until the transaction ends: also one that is being added at this moment. */
  async lockOther(
    transaction: Executor,
    { url, nodeId }: { url: string; nodeId: string },
  ): Promise<string | undefined> {
    const sql = 'SELECT node_id AS nodeId FROM nodes WHERE api_url = ? AND node_id <> ? LIMIT 1 FOR UPDATE';
    return (await transaction.rows<{ nodeId: string }>(sql, [url, nodeId]))[0]?.nodeId;
  }

  /** As it is, held until the transaction ends. */
  async lock(transaction: Executor, nodeId: string): Promise<NodeView | undefined> {
    const [row] = await transaction.rows<NodeRow>(`SELECT ${COLUMNS} FROM nodes WHERE node_id = ? FOR UPDATE`, [
      nodeId,
    ]);
    return row && toNodeView(row);
  }

  async insert(transaction: Executor, node: NewNode): Promise<void> {
    await transaction.run(
      'INSERT INTO nodes (node_id, name, api_url, host, port, max_load, supported_task_types, metadata) VALUES (?)',
      [
        [
          ...[node.nodeId, node.name, node.url, node.host, node.port, node.maxConcurrent],
          ...[JSON.stringify(node.taskTypes), JSON.stringify(node.metadata)],
        ],
      ],
    );
  }

  /** A node with another address is another server: what was seen of the old one says nothing of it. */
  async move(
    transaction: Executor,
    { nodeId, name, url, host, port, maxConcurrent, keepsBreaker = false }: MovedNode,
  ): Promise<void> {
    await transaction.run(
      `UPDATE nodes
       SET status = IF(api_url = ?, status, 'offline'), capabilities = IF(api_url = ?, capabilities, NULL),
           breaker = IF(? OR api_url = ?, breaker, NULL), name = ?, max_load = ?, host = ?, port = ?, api_url = ?
       WHERE node_id = ?`,
      [url, url, keepsBreaker, url, name, maxConcurrent, host, port, url, nodeId],
    );
  }

  /** Gives a known node what it is registered with anew; of its metadata what is not named stays. */
  async reregister(transaction: Executor, node: NewNode & { keepsBreaker: boolean }): Promise<void> {
    await this.move(transaction, node);
    await transaction.run(
      `UPDATE nodes SET supported_task_types = ?, metadata = JSON_MERGE_PATCH(COALESCE(metadata, JSON_OBJECT()), ?)
       WHERE node_id = ?`,
      [JSON.stringify(node.taskTypes), JSON.stringify(node.metadata), node.nodeId],
    );
  }

  async setTokenHash(transaction: Executor, nodeId: string, hash: string): Promise<void> {
    await transaction.run('UPDATE nodes SET node_token_hash = ? WHERE node_id = ?', [hash, nodeId]);
  }

  /** False where the node has a token already. */
  async setFirstTokenHash(transaction: Executor, nodeId: string, hash: string): Promise<boolean> {
    const sql = 'UPDATE nodes SET node_token_hash = ? WHERE node_id = ? AND node_token_hash IS NULL';
    return (await transaction.run(sql, [hash, nodeId])) === 1;
  }

  async hasTokenHash(nodeId: string, hash: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM nodes WHERE node_id = ? AND node_token_hash = ?';
    return (await this.database.rows(sql, [nodeId, hash])).length === 1;
  }

  async remove(transaction: Executor, nodeId: string): Promise<void> {
    await transaction.run('DELETE FROM nodes WHERE node_id = ?', [nodeId]);
  }

  async setService(
    transaction: Executor,
    nodeId: string,
    { isCordoned, drainUntil }: Pick<NodeView, 'isCordoned' | 'drainUntil'>,
  ): Promise<void> {
    const values = [isCordoned, drainUntil ?? null, nodeId];
    await transaction.run('UPDATE nodes SET cordoned = ?, drain_until = ? WHERE node_id = ?', values);
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ total: string }>('SELECT COUNT(*) AS total FROM nodes');
    return Number(row?.total ?? 0);
  }
}

function toNodeView(row: NodeRow): NodeView {
  return {
    nodeId: row.nodeId,
    name: row.name,
    url: row.url,
    host: row.host,
    port: row.port,
    status: row.status,
    isCordoned: row.cordoned === 1,
    drainUntil: row.drainUntil ?? undefined,
    currentLoad: row.currentLoad,
    maxConcurrent: row.maxLoad,
    capabilities: toCapabilities(row.capabilities),
    taskTypes: fromJson<string[] | null>(row.taskTypes) ?? [],
    metadata: fromJson<Record<string, unknown> | null>(row.metadata) ?? {},
    version: row.version ?? undefined,
    lastHeartbeat: row.lastHeartbeat ?? undefined,
    lastError: row.lastError ?? undefined,
    usage: toUsage(row),
    breaker: toNodeBreaker(readBreaker(row.breaker)),
  };
}

function toUsage({ cpu, memory, gpu, gpuMemory }: NodeRow): Required<NodeUsage> {
  return { cpu: Number(cpu), memory: Number(memory), gpu: Number(gpu), gpuMemory: Number(gpuMemory) };
}

/** Thousands of names a node, read many times a second and hardly ever changed: by the text that was stored. */
const read = new Map<unknown, NodeCapabilities | undefined>();
const MAX_READ = 1_000;

function toCapabilities(column: unknown): NodeCapabilities | undefined {
  if (typeof column !== 'string') return parseCapabilities(column);
  if (!read.has(column)) {
    if (read.size >= MAX_READ) read.clear();
    read.set(column, parseCapabilities(column));
  }
  return read.get(column);
}

/** Old installations hold a list of words here, which says nothing of classes: such a node counts as not asked yet. */
function parseCapabilities(column: unknown): NodeCapabilities | undefined {
  const value = fromJson<Partial<NodeCapabilities> | null>(column);
  return value && Array.isArray(value.classes) ? { classes: value.classes, models: value.models ?? {} } : undefined;
}
