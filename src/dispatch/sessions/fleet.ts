import { Inject, Injectable } from '@nestjs/common';
import { NodesService, type NodeView } from '../../admin/index.js';
import { BackgroundLoop, Clock, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LeaseKeeper, type Lease } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import {
  AssignmentsRepository,
  InstallationService,
  nodeLeaseName,
  SettlementsService,
  type OpenAssignment,
} from '../../shared/index.js';
import { classifyFailure } from './classify-failure.js';
import { GiveAways } from './give-aways.js';
import { NodeSession } from './node-session.js';
import { Recalls } from './recalls.js';
import { SessionServices } from './session-services.js';

interface Driven {
  lease: Lease;
  session: NodeSession;
  url: string;
}

/** What is told to one node's session. */
interface Handed {
  nodeId: string;
  own: OpenAssignment[];
  isDrained: boolean;
  recalls: ReadonlyMap<string, string>;
}

/**
 * Keeps a session for every node whose lease this process holds, takes leases that are free, and hands each session
 * its open assignments. A lease that is lost ends its session at once.
 */
@Injectable()
export class Fleet {
  private readonly driven = new Map<string, Driven>();
  private readonly loop: BackgroundLoop;
  private readonly ending = new Set<Promise<void>>();
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly nodes: NodesService,
    private readonly leases: LeaseKeeper,
    private readonly assignments: AssignmentsRepository,
    private readonly settlements: SettlementsService,
    private readonly installation: InstallationService,
    private readonly services: SessionServices,
    private readonly recalls: Recalls,
    private readonly giveAways: GiveAways,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.loop = new BackgroundLoop({
      name: 'fleet',
      logger,
      sweepMs: settings.dispatch.sweepMs,
      round: () => this.tend(),
    });
  }

  start(): void {
    this.unsubscribe = this.signals.on('assignments.changed', () => this.loop.nudge());
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    await this.loop.stop();
    await Promise.all([...this.driven.keys()].map((nodeId) => this.end(nodeId, { isReleased: true })));
    await Promise.all(this.ending);
  }

  private async tend(): Promise<void> {
    const nodes = await this.nodes.list();
    await this.endRemoved(nodes);
    for (const node of nodes) await this.apart({ nodeId: node.nodeId }, () => this.drive(node));
    const open = await this.assignments.listOpen();
    const known = new Set(nodes.map(({ nodeId }) => nodeId));
    await this.settleOrphans(open.filter(({ nodeId }) => !known.has(nodeId)));
    const drained = new Set(nodes.filter((node) => this.isDrained(node)).map(({ nodeId }) => nodeId));
    const recalls = await this.recalls.find(open, nodes, new Set(this.driven.keys())).catch((err: unknown) => {
      this.logger.warn({ err }, 'no prompts could be recalled');
      return new Map<string, string>();
    });
    for (const [nodeId, driven] of this.driven) {
      const own = open.filter((assignment) => assignment.nodeId === nodeId);
      await this.apart({ nodeId }, () => this.hand(driven, { nodeId, own, isDrained: drained.has(nodeId), recalls }));
    }
  }

  /** What one node or one attempt has trouble with must not stop the others: it is tried again with the next round. */
  private async apart(of: object, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.logger.warn({ ...of, err }, 'could not be tended; it is tried again');
    }
  }

  private async hand({ session, lease }: Driven, { nodeId, own, isDrained, recalls }: Handed): Promise<void> {
    const fence = this.fenceOf(lease, nodeId);
    // Claimed beside our takeover, with the former token: ours now (I8).
    if (own.some(({ leaseToken }) => leaseToken < lease.token)) await this.assignments.adopt(fence);
    const left = isDrained ? await this.giveAways.drain(own, fence) : await this.giveAways.requeue(own, fence);
    session.update(left, recalls);
  }

  private isDrained({ drainUntil }: NodeView): boolean {
    return drainUntil !== undefined && drainUntil <= this.clock.now();
  }

  private async drive(node: NodeView): Promise<void> {
    const { nodeId } = node;
    if (this.driven.has(nodeId)) return;
    const lease = await this.leases.tryAcquire(nodeLeaseName(nodeId), () => this.onLost(nodeId));
    if (!lease) return;
    const fence = this.fenceOf(lease, nodeId);
    const adopted = await this.assignments.adopt(fence);
    this.logger.info({ nodeId, leaseToken: lease.token, adopted }, 'driving node');
    const installationId = await this.installation.getId();
    // Lost while we adopted: whoever has it now drives the node.
    if (!this.leases.isHeld(lease)) return;
    const session = new NodeSession(node, fence, installationId, this.services);
    this.driven.set(nodeId, { lease, session, url: node.url });
    session.start();
  }

  /** A node that was removed, or moved to another address: its session ends, and what it ran goes elsewhere. */
  private async endRemoved(nodes: NodeView[]): Promise<void> {
    const urls = new Map(nodes.map(({ nodeId, url }) => [nodeId, url]));
    for (const [nodeId, { url }] of this.driven) {
      if (urls.get(nodeId) === url) continue;
      await this.end(nodeId, { isReleased: true });
      await this.settleOrphans(await this.assignments.listOpenOf([nodeId]));
    }
  }

  /** Open attempts of nodes that are not there any more: ended under the node's lease, as by an owner (I11). */
  private async settleOrphans(orphans: OpenAssignment[]): Promise<void> {
    for (const assignment of orphans) {
      const { assignmentId } = assignment;
      await this.apart({ assignmentId }, () => this.settleOrphan(assignment));
    }
  }

  private async settleOrphan(assignment: OpenAssignment): Promise<void> {
    const lease = await this.leases.tryAcquire(nodeLeaseName(assignment.nodeId));
    if (!lease) return;
    const fence = this.fenceOf(lease, assignment.nodeId);
    try {
      await this.assignments.adopt(fence);
      const cause = { kind: 'lost' as const, detail: 'it was removed or moved', wasRunning: false };
      const policy = { maxAttempts: Infinity, retryAt: new Date(0) };
      await this.settlements.fail(assignment, fence, classifyFailure(cause, policy));
    } finally {
      await this.leases.release(lease);
    }
  }

  private fenceOf(lease: Lease, nodeId: string) {
    return { nodeId, leaseToken: lease.token, ownerId: this.leases.ownerId };
  }

  private onLost(nodeId: string): void {
    const ended = this.end(nodeId, { isReleased: false }).finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }

  private async end(nodeId: string, { isReleased }: { isReleased: boolean }): Promise<void> {
    const driven = this.driven.get(nodeId);
    if (!driven) return;
    this.driven.delete(nodeId);
    await driven.session.stop();
    if (isReleased) await this.leases.release(driven.lease);
  }
}
