import { Injectable } from '@nestjs/common';
import { Clock, ConflictError, InvalidInputError, NotFoundError } from '../../common/index.js';
import { InjectDatabase, isDuplicate, type Database, type Executor } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { NO_BREAKER, toNodeBreaker, type Breaker } from './breaker.js';
import { diffNodes } from './node-audit.js';
import { nodeIdOf, parseNodeAddress } from './node-address.js';
import { toClusterView, toNodeListItem, type ClusterView, type NodeListItem, type NodeView } from './node-view.js';
import { NodeHealthRepository, type NodeHealth } from './node-health.repository.js';
import { NodesRepository } from './nodes.repository.js';

export interface NodeRegistration {
  /** The base address of a ComfyUI. */
  url: string;
  /** Made from the address where left out. */
  nodeId?: string | undefined;
  name?: string | undefined;
  /** What load percentages refer to; 4 where left out. */
  maxConcurrent?: number | undefined;
  taskTypes?: string[] | undefined;
  metadata?: Record<string, unknown> | undefined;
}

/** A node whose id somebody else keeps, such as a launcher that gives its nodes new ports at each start. */
export interface KnownRegistration {
  nodeId: string;
  name: string;
  url: string;
  maxConcurrent: number;
}

const ALL_TASK_TYPES = ['text_to_image', 'image_to_video'];

/** The fleet: which ComfyUI nodes there are, and what was last seen of each. */
@Injectable()
export class NodesService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly nodes: NodesRepository,
    private readonly health: NodeHealthRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  list(): Promise<NodeView[]> {
    return this.nodes.list();
  }

  async listItems(): Promise<NodeListItem[]> {
    return (await this.nodes.list()).map(toNodeListItem);
  }

  async getCluster(): Promise<ClusterView> {
    return toClusterView(await this.nodes.list());
  }

  async get(nodeId: string): Promise<NodeView> {
    const node = await this.nodes.find(nodeId);
    if (!node) throw nodeNotFound(nodeId);
    return node;
  }

  count(): Promise<number> {
    return this.nodes.count();
  }

  /** Throws 422 for an address that is none, 409 where the id or the address is registered already. */
  async add(registration: NodeRegistration): Promise<NodeView> {
    const address = parseNodeAddress(registration.url);
    const { nodeId = nodeIdOf(address), maxConcurrent = 4, taskTypes = ALL_TASK_TYPES, metadata = {} } = registration;
    const name = registration.name ?? nodeId;
    checkNames(nodeId, maxConcurrent);
    try {
      await this.database.transaction(async (transaction) => {
        await this.nodes.insert(transaction, { nodeId, name, ...address, maxConcurrent, taskTypes, metadata });
        await this.requireOwnAddress(transaction, { nodeId, url: address.url });
        await this.noteRegistration(transaction, nodeId, undefined);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const other = await this.nodes.findByUrl(address.url);
      if (other) throw urlTaken(address.url, other.nodeId);
      throw new ConflictError(`There already is a node ${nodeId}.`, 'NODE_EXISTS', { cause: error });
    }
    return this.get(nodeId);
  }

  /** For addresses named in the settings; undefined where one is registered already. */
  async addIfAbsent(url: string): Promise<NodeView | undefined> {
    if (await this.nodes.findByUrl(parseNodeAddress(url).url)) return undefined;
    // Another process may start with the same settings at this moment.
    return this.add({ url }).catch((error: unknown) => {
      if (error instanceof ConflictError) return undefined;
      throw error;
    });
  }

  /** Adds the node, or gives a known one its new name, address and size. Throws as `add` does. */
  async register({ nodeId, name, url, maxConcurrent }: KnownRegistration): Promise<void> {
    if (!(await this.nodes.find(nodeId))) return void (await this.add({ nodeId, name, url, maxConcurrent }));
    const address = parseNodeAddress(url);
    checkNames(nodeId, maxConcurrent);
    await this.database.transaction(async (transaction) => {
      const before = await this.nodes.lock(transaction, nodeId);
      await this.nodes.move(transaction, { nodeId, name, ...address, maxConcurrent });
      await this.requireOwnAddress(transaction, { nodeId, url: address.url });
      await this.noteRegistration(transaction, nodeId, before);
    });
  }

  /**
   * Throws 409 where another node has the address. Asked after the row is written: of two that take one address at the
   * same moment each waits for the other's row, and the server gives up on one of them.
   */
  async requireOwnAddress(transaction: Executor, node: { nodeId: string; url: string }): Promise<void> {
    const other = await this.nodes.lockOther(transaction, node);
    if (other) throw urlTaken(node.url, other);
  }

  /** Writes down a registration that changed something; `actor` where it was not the one who is signed in. */
  async noteRegistration(
    transaction: Executor,
    nodeId: string,
    before: NodeView | undefined,
    actor?: string,
  ): Promise<void> {
    const change = diffNodes(before, await this.nodes.lock(transaction, nodeId));
    if (!change) return;
    const entry = { action: 'node.register', targetType: 'node', targetId: nodeId, ...change };
    await this.audit.record(actor === undefined ? entry : { ...entry, actor }, transaction);
  }

  async remove(nodeId: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const known = await this.nodes.lock(transaction, nodeId);
      if (!known) throw nodeNotFound(nodeId);
      await this.nodes.remove(transaction, known.nodeId);
      const target = { targetType: 'node', targetId: known.nodeId };
      await this.audit.record({ action: 'node.remove', ...target, ...diffNodes(known, undefined) }, transaction);
    });
  }

  /** It takes no new tasks; what it has goes on. */
  cordon(nodeId: string): Promise<void> {
    return this.setService('node.cordon', nodeId, { isCordoned: true, drainUntil: undefined });
  }

  /** It takes no new tasks, and what it still has at `until` is given to others. */
  drain(nodeId: string, until: Date): Promise<void> {
    return this.setService('node.drain', nodeId, { isCordoned: true, drainUntil: until });
  }

  /** Ends a cordon and a drain. */
  uncordon(nodeId: string): Promise<void> {
    return this.setService('node.uncordon', nodeId, { isCordoned: false, drainUntil: undefined });
  }

  private async setService(action: string, nodeId: string, wished: Service): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const known = await this.nodes.lock(transaction, nodeId);
      if (!known) throw nodeNotFound(nodeId);
      await this.nodes.setService(transaction, known.nodeId, wished);
      const change = { before: toServiceState(known), after: toServiceState(wished) };
      await this.audit.record({ action, targetType: 'node', targetId: known.nodeId, ...change }, transaction);
    });
  }

  recordHealth(nodeId: string, health: NodeHealth): Promise<void> {
    return this.health.record(nodeId, health, this.clock.now());
  }

  recordLoads(loads: ReadonlyMap<string, number>): Promise<void> {
    return this.health.recordLoads(loads);
  }

  findBreaker(nodeId: string): Promise<Breaker> {
    return this.health.findBreaker(nodeId);
  }

  changeBreaker(nodeId: string, change: (breaker: Breaker) => Breaker): Promise<{ before: Breaker; after: Breaker }> {
    return this.health.changeBreaker(nodeId, change);
  }

  /** Forgets all that is held against a node. */
  async resetBreaker(nodeId: string): Promise<void> {
    await this.health.changeBreaker(
      nodeId,
      () => NO_BREAKER,
      async (transaction, breaker) => {
        const { isOpen, openWorkflows, reason } = toNodeBreaker(breaker);
        const circuits = Object.keys(breaker.workflows).length + (breaker.node ? 1 : 0);
        const before = { is_open: isOpen, open_workflows: openWorkflows, reason, circuits };
        const after = { is_open: false, open_workflows: [], circuits: 0 };
        const target = { targetType: 'node', targetId: nodeId };
        await this.audit.record({ action: 'breaker.reset', ...target, before, after }, transaction);
      },
    );
  }
}

/** Whether a node is given work, by an operator's wish. */
type Service = Pick<NodeView, 'isCordoned' | 'drainUntil'>;

function toServiceState({ isCordoned, drainUntil }: Service) {
  return { is_cordoned: isCordoned, drain_until: drainUntil?.toISOString() ?? null };
}

function nodeNotFound(nodeId: string): NotFoundError {
  return new NotFoundError(`There is no node ${nodeId}.`, 'NODE_NOT_FOUND');
}

function checkNames(nodeId: string, maxConcurrent: number): void {
  const problems = [];
  if (!/^[\w.:-]{1,100}$/.test(nodeId)) {
    problems.push({ field: 'node_id', message: 'node_id may hold 1 to 100 letters, digits and . _ : -' });
  }
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1 || maxConcurrent > 1_000) {
    problems.push({ field: 'max_concurrent', message: 'max_concurrent must be a whole number between 1 and 1000.' });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
}

function urlTaken(url: string, nodeId: string): ConflictError {
  return new ConflictError(`${url} is registered already, as ${nodeId}.`, 'NODE_EXISTS');
}
