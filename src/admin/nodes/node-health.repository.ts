import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, perRow, type Database, type Executor } from '../../database/index.js';
import { NO_BREAKER, type Breaker } from './breaker.js';
import type { NodeCapabilities, NodeStatus } from './node-view.js';

/** How much of a node is in use, in percent; what is not known stays as it was. */
export interface NodeUsage {
  cpu?: number | undefined;
  memory?: number | undefined;
  gpu?: number | undefined;
  gpuMemory?: number | undefined;
}

/** What a node says of its graphics card. */
export interface NodeHardware {
  gpuModel: string;
  gpuMemoryBytes: number;
}

/** What a look at a node found. */
export interface NodeHealth {
  status: NodeStatus;
  version?: string | undefined;
  capabilities?: NodeCapabilities | undefined;
  usage?: NodeUsage | undefined;
  hardware?: NodeHardware | undefined;
  /** Why it is not usable; null or absent clears the last one. */
  error?: string | null | undefined;
}

const USAGE = `cpu_usage = COALESCE(?, cpu_usage), memory_usage = COALESCE(?, memory_usage),
  gpu_usage = COALESCE(?, gpu_usage), gpu_memory_usage = COALESCE(?, gpu_memory_usage)`;

/** The GPU's name is an operator's to give; ours only stands where nobody gave one. Its memory is as it is. */
const HARDWARE = `metadata = JSON_SET(JSON_INSERT(COALESCE(metadata, JSON_OBJECT()), '$.gpu_model', ?),
  '$.gpu_memory_bytes', ?)`;

/** SQL of what is seen of nodes again and again, and of what they tell of themselves. */
@Injectable()
export class NodeHealthRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** What was not learned this time (version, capabilities, usage) stays as it was. */
  async record(nodeId: string, health: NodeHealth, now: Date): Promise<void> {
    const { status, version, capabilities, usage = {}, hardware, error } = health;
    const isReachable = status === 'online' || status === 'busy';
    await this.database.run(
      `UPDATE nodes
       SET status = ?, version = COALESCE(?, version), capabilities = COALESCE(?, capabilities), last_error = ?,
           last_heartbeat = COALESCE(?, last_heartbeat), ${USAGE}${hardware ? `, ${HARDWARE}` : ''}
       WHERE node_id = ?`,
      [
        ...[status, version?.slice(0, 64), capabilities && JSON.stringify(capabilities), error],
        ...[isReachable ? now : null, ...usageValues(usage)],
        ...(hardware ? [hardware.gpuModel, hardware.gpuMemoryBytes] : []),
        nodeId,
      ],
    );
  }

  /** What a node tells of itself; false where there is no such node. */
  async recordHeartbeat(nodeId: string, usage: NodeUsage, now: Date): Promise<boolean> {
    const changed = await this.database.run(`UPDATE nodes SET last_heartbeat = ?, ${USAGE} WHERE node_id = ?`, [
      now,
      ...usageValues(usage),
      nodeId,
    ]);
    return changed === 1;
  }

  /** How many prompts each of these nodes has, ours and others'. */
  async recordLoads(loads: ReadonlyMap<string, number>): Promise<void> {
    if (loads.size === 0) return;
    const nodeIds = [...loads.keys()];
    const load = perRow('current_load', { key: 'node_id', keys: nodeIds }, [...loads.values()]);
    await this.database.run(`UPDATE nodes SET ${load.sql} WHERE node_id IN (?)`, [...load.values, nodeIds]);
  }

  async findBreaker(nodeId: string): Promise<Breaker> {
    const [row] = await this.database.rows<{ breaker: unknown }>('SELECT breaker FROM nodes WHERE node_id = ?', [
      nodeId,
    ]);
    return readBreaker(row?.breaker);
  }

  /**
   * Reads, changes and writes with the row held, since several processes may have seen something. What belongs to the
   * change is done by `also`, in the same transaction.
   */
  changeBreaker(
    nodeId: string,
    change: (breaker: Breaker) => Breaker,
    also?: (transaction: Executor, before: Breaker) => Promise<void>,
  ): Promise<{ before: Breaker; after: Breaker }> {
    return this.database.transaction(async (transaction) => {
      const sql = 'SELECT breaker FROM nodes WHERE node_id = ? FOR UPDATE';
      const [row] = await transaction.rows<{ breaker: unknown }>(sql, [nodeId]);
      const before = readBreaker(row?.breaker);
      const after = change(before);
      const isEmpty = !after.node && Object.keys(after.workflows).length === 0;
      const value = isEmpty ? null : JSON.stringify(after);
      if (after !== before) await transaction.run('UPDATE nodes SET breaker = ? WHERE node_id = ?', [value, nodeId]);
      await also?.(transaction, before);
      return { before, after };
    });
  }
}

export function readBreaker(column: unknown): Breaker {
  return fromJson<Breaker | null | undefined>(column) ?? NO_BREAKER;
}

function usageValues({ cpu, memory, gpu, gpuMemory }: NodeUsage): (number | undefined)[] {
  return [cpu, memory, gpu, gpuMemory];
}
