import { Inject, Injectable } from '@nestjs/common';
import { Clock, ConflictError, ForbiddenError, NotFoundError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AssignmentsRepository } from '../../shared/index.js';
import { checkMetadata } from './check-metadata.js';
import { isSameHost, parseNodeAddress, type NodeAddress } from './node-address.js';
import { NodeHealthRepository } from './node-health.repository.js';
import type { Speaker } from './node-speaker.guard.js';
import { NodeTokensService } from './node-tokens.service.js';
import type { NodeView } from './node-view.js';
import { NodesRepository } from './nodes.repository.js';
import { NodesService } from './nodes.service.js';
import type { HeartbeatDto, RegisterNodeDto } from './register-node.dto.js';
import type { HeartbeatView, RegisteredNodeView } from './registered.view.js';

/** What is asked for a known node. */
interface AskedChange {
  address: NodeAddress;
  request: RegisterNodeDto;
}

/** Nodes that come by themselves, and say that they are there. */
@Injectable()
export class NodeRegistrationsService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly nodes: NodesService,
    private readonly rows: NodesRepository,
    private readonly health: NodeHealthRepository,
    private readonly tokens: NodeTokensService,
    private readonly assignments: AssignmentsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Adds a node, or gives a known one its address, size and metadata; repeated, it changes nothing. What decides where
   * prompts go (another host, size, priority) only an admin may say: a stolen node token must not divert them.
   */
  async register(speaker: Speaker, request: RegisterNodeDto): Promise<RegisteredNodeView> {
    const { node_id: nodeId } = request;
    speaker.requireFor(nodeId);
    checkMetadata(request.metadata ?? {});
    const address = parseNodeAddress(urlOf(request));
    const known = await this.rows.find(nodeId);
    if (known) await this.change(speaker, address, request);
    else if (speaker.isAdmin) await this.add(address, request);
    else throw new NotFoundError(`There is no node ${nodeId} any more; an admin must register it.`, 'NODE_NOT_FOUND');
    const token = speaker.isAdmin ? await this.tokens.giveFirst(nodeId) : undefined;
    const { status } = await this.nodes.get(nodeId);
    return { node_id: nodeId, status, is_new: !known, ...(token ? { node_token: token } : {}) };
  }

  /** Notes what a node tells of itself. Whether it is online is for our own look at it to say. */
  async beat(speaker: Speaker, request: HeartbeatDto): Promise<HeartbeatView> {
    const { node_id: nodeId } = request;
    speaker.requireFor(nodeId);
    const usage = {
      cpu: request.cpu_usage,
      memory: request.memory_usage,
      gpu: request.gpu_usage,
      gpuMemory: request.gpu_memory_usage,
    };
    if (!(await this.health.recordHeartbeat(nodeId, usage, this.clock.now()))) {
      const message = `There is no node ${nodeId}; register it first: POST /api/nodes/register.`;
      throw new NotFoundError(message, 'NODE_NOT_FOUND');
    }
    const { status, isCordoned } = await this.nodes.get(nodeId);
    return { node_id: nodeId, status, is_cordoned: isCordoned };
  }

  private async add({ url }: NodeAddress, request: RegisterNodeDto): Promise<void> {
    await this.nodes.add({
      url,
      nodeId: request.node_id,
      name: request.name,
      maxConcurrent: request.max_concurrent,
      taskTypes: request.capabilities,
      metadata: request.metadata ?? {},
    });
  }

  private async change(speaker: Speaker, wished: NodeAddress, wish: RegisterNodeDto): Promise<void> {
    const { node_id: nodeId } = wish;
    await this.database.transaction(async (transaction) => {
      const before = await this.rows.lock(transaction, nodeId);
      if (!before) throw new NotFoundError(`There is no node ${nodeId} any more.`, 'NODE_NOT_FOUND');
      const { address, request } = speaker.isAdmin
        ? { address: wished, request: wish }
        : ownWish(speaker, before, wished, wish);
      const isMoved = before.url !== address.url;
      if (isMoved) await this.requireDrained(before);
      await this.rows.reregister(transaction, {
        nodeId,
        name: request.name ?? before.name,
        ...address,
        maxConcurrent: request.max_concurrent ?? before.maxConcurrent,
        taskTypes: request.capabilities ?? before.taskTypes,
        metadata: request.metadata ?? {},
        keepsBreaker: !speaker.isAdmin,
      });
      if (isMoved) await this.nodes.requireOwnAddress(transaction, { nodeId, url: address.url });
      await this.nodes.noteRegistration(transaction, nodeId, before, speaker.actor);
    });
  }

  /** What runs at the old address would run to its end there unseen, and again elsewhere (I11). */
  async requireDrained({ nodeId, url }: NodeView): Promise<void> {
    const open = await this.assignments.listOpenOf([nodeId]);
    if (open.length === 0) return;
    const retryAfterSeconds = Math.ceil(this.settings.nodes.lostAfterMs / 1_000);
    throw new ConflictError(
      `${nodeId} still has ${open.length} open prompts at ${url}, and keeps this address. Drain it ` +
        `(POST /api/nodes/${nodeId}/drain), wait for their end, and register it again; where the server at the old ` +
        `address is gone, they go to other nodes after ${retryAfterSeconds} s.`,
      'NODE_BUSY',
      { retryAfterSeconds },
    );
  }
}

/** What its own token may say of a node: neither its size nor its priority, and no address but that it calls from. */
function ownWish(speaker: Speaker, node: NodeView, wished: NodeAddress, wish: RegisterNodeDto): AskedChange {
  const { priority: _, ...metadata } = wish.metadata ?? {};
  const isUnchanged = wished.host === node.host && wished.port === node.port;
  if (!isUnchanged && !isSameHost(wish.host, speaker.ipAddress)) {
    const message =
      `${node.nodeId} is at ${node.url}; its own token may move it only to the address that it calls from ` +
      `(${speaker.ipAddress}), and the node keeps its address. An admin must move it: POST /api/nodes/register with an admin's token.`;
    throw new ForbiddenError(message, 'NODE_MOVE_REFUSED');
  }
  const { url, host, port } = isUnchanged ? node : wished;
  return { address: { url, host, port }, request: { ...wish, metadata, max_concurrent: node.maxConcurrent } };
}

/** IPv6 stands in brackets in an address. */
function urlOf({ host, port }: RegisterNodeDto): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
