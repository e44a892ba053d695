import type { NodeView } from '../../admin/index.js';
import { BackgroundLoop, UpstreamError, type Logger } from '../../common/index.js';
import type { NodeFence, OpenAssignment } from '../../shared/index.js';
import type { ComfyUiClient, ComfyUiSocket } from '../comfyui/comfyui-client.js';
import type { QueueSnapshot, SocketFrame } from '../comfyui/protocol.js';
import type { Capabilities } from '../scheduling/capabilities.js';
import { admitNode, type Admission } from './admit-node.js';
import { Attempt } from './attempt.js';
import { HistoryJanitor } from './history-janitor.js';
import { InputUploads } from './input-uploads.js';
import { removeStrays } from './remove-strays.js';
import type { SessionServices } from './session-services.js';

/** Model files come and go while a node runs; reading all of them costs it a tenth of a second or more. */
const CAPABILITIES_FOR_MS = 5 * 60_000;

/**
 * Drives one node for as long as this process holds its lease: keeps the socket, watches its health, and moves its
 * attempts on. Polls are the truth; the socket only makes things fast.
 */
export class NodeSession {
  private readonly log: Logger;
  private readonly client: ComfyUiClient;
  private readonly clientId: string;
  private readonly attempts = new Map<string, Attempt>();
  private readonly janitor: HistoryJanitor;
  private readonly inputs: InputUploads;
  private readonly loop: BackgroundLoop;
  private socket: ComfyUiSocket | undefined;
  private admission: Admission | undefined;
  private healthCheckedMs = -Infinity;
  private polledMs = -Infinity;
  private capabilitiesReadMs = -Infinity;
  private unreachableSinceMs: number | undefined;
  private isRecordedOffline = false;
  private isStopped = false;

  constructor(
    private readonly node: NodeView,
    private readonly fence: NodeFence,
    private readonly installationId: string,
    private readonly services: SessionServices,
  ) {
    const { connector, logger, settings } = services;
    this.log = logger.child({ nodeId: node.nodeId });
    this.client = connector.connect(node.url);
    // Never shared between two owners: each lease has its token (I14).
    this.clientId = `${installationId}-${node.nodeId}-${fence.leaseToken}`;
    this.janitor = new HistoryJanitor(this.client, this.log);
    this.inputs = new InputUploads(this.client, services.store);
    this.loop = new BackgroundLoop({
      name: `node ${node.nodeId}`,
      logger: this.log,
      sweepMs: Math.min(settings.nodes.fastPollMs, settings.nodes.healthMs),
      round: () => this.look(),
    });
  }

  start(): void {
    this.socket = this.services.connector.openSocket(this.node.url, this.clientId, {
      onFrame: (frame) => this.onFrame(frame),
      onConnected: () => {
        // A restart cuts the socket; what the node had before it may be gone.
        this.inputs.forget();
        this.lookAgain();
      },
      onLost: () => this.lookAgain(),
    });
    this.loop.start();
  }

  /** Ends our part; prompts stay on the node, for us or another to take up. Requests under way are cut off. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.janitor.stop();
    this.socket?.close();
    const stopped = this.loop.stop();
    await this.client.close();
    await stopped;
    await Promise.all([...this.attempts.values()].map((attempt) => attempt.idle()));
  }

  /** The node's open assignments as the database has them now. */
  update(rows: OpenAssignment[]): void {
    for (const row of rows) {
      const known = this.attempts.get(row.assignmentId);
      if (known) known.update(row);
      else this.attempts.set(row.assignmentId, this.newAttempt(row));
    }
    const open = new Set(rows.map(({ assignmentId }) => assignmentId));
    for (const [id, attempt] of this.attempts) {
      if (open.has(id) || !attempt.isIdle) continue;
      if (attempt.isSettledHere) this.janitor.add(id);
      this.attempts.delete(id);
    }
    if (rows.length > 0) this.loop.nudge();
  }

  private newAttempt(row: OpenAssignment): Attempt {
    return new Attempt(row, {
      services: this.services,
      client: this.client,
      inputs: this.inputs,
      fence: this.fence,
      installationId: this.installationId,
      clientId: this.clientId,
      capabilities: (): Capabilities => this.admission?.capabilities ?? { classes: [], models: {} },
      onStep: () => this.loop.nudge(),
    });
  }

  private onFrame(frame: SocketFrame): void {
    const attempt = this.attempts.get(frame.promptId);
    if (!attempt) return;
    if (frame.type === 'progress_state') return attempt.onProgress(frame.nodes);
    if (frame.type === 'started') return attempt.onStarted();
    attempt.onEnded();
    this.loop.nudge();
  }

  /** What the socket did not tell may have happened: poll at once. */
  private lookAgain(): void {
    this.polledMs = -Infinity;
    this.loop.nudge();
  }

  private async look(): Promise<void> {
    try {
      await this.checkHealth();
      if (!this.admission) return this.waitOrGiveUp();
      const queue = await this.poll();
      this.unreachableSinceMs = undefined;
      for (const attempt of this.attempts.values()) attempt.advance(queue);
    } catch (error) {
      // Other trouble, of a database say, is not the node's; and a session that ends has cut its own requests.
      if (!(error instanceof UpstreamError) || this.isStopped) throw error;
      await this.onUnreachable(error);
    }
  }

  private async checkHealth(): Promise<void> {
    const { clock, nodes, settings, signals } = this.services;
    const isDue = clock.monotonicMs() - this.healthCheckedMs >= settings.nodes.healthMs;
    if (this.admission && this.unreachableSinceMs === undefined && !isDue) return;
    const isStale = clock.monotonicMs() - this.capabilitiesReadMs >= CAPABILITIES_FOR_MS;
    const known = this.unreachableSinceMs === undefined && !isStale ? this.admission : undefined;
    const admission = await admitNode(this.client, known, settings.nodes);
    this.healthCheckedMs = clock.monotonicMs();
    const isNews = admission !== known;
    const isBack = this.admission === undefined || this.unreachableSinceMs !== undefined;
    if (isNews) this.capabilitiesReadMs = this.healthCheckedMs;
    this.isRecordedOffline = false;
    if ('refusedBecause' in admission) {
      this.admission = undefined;
      const { version, refusedBecause: error } = admission;
      return nodes.recordHealth(this.node.nodeId, { status: 'error', version, error });
    }
    this.admission = admission;
    const { version, capabilities } = admission;
    await nodes.recordHealth(this.node.nodeId, { status: 'online', version, ...(isNews ? { capabilities } : {}) });
    if (isBack) this.log.info({ version, classes: capabilities.classes.length }, 'node is online');
    if (isBack) this.lookAgain();
    if (isNews) signals.emit('queue.changed');
  }

  /** The node's queue where a look is due; what bears our mark and has no business there is removed on the way (I13). */
  private async poll(): Promise<QueueSnapshot | undefined> {
    const { client, installationId, log } = this;
    const { clock, assignments } = this.services;
    if (clock.monotonicMs() - this.polledMs < this.pollEveryMs()) return undefined;
    this.polledMs = clock.monotonicMs();
    try {
      const queue = await client.queue();
      await removeStrays(queue, { client, assignments, installationId, log });
      return queue;
    } catch (error) {
      // Nothing is posted before a look has told all strays.
      this.polledMs = -Infinity;
      throw error;
    }
  }

  private pollEveryMs(): number {
    const { healthMs, fastPollMs, pollMs } = this.services.settings.nodes;
    const posted = [...this.attempts.values()].filter(({ isPosted }) => isPosted);
    // A former owner's POST may be late, and reach a node that has nothing of ours.
    if (posted.length === 0) return healthMs;
    return !this.socket?.isConnected || posted.some(({ wantsFastPolls }) => wantsFastPolls) ? fastPollMs : pollMs;
  }

  private async onUnreachable(error: Error): Promise<void> {
    if (this.unreachableSinceMs === undefined) this.log.warn({ reason: error.message }, 'node does not answer');
    if (!this.isRecordedOffline) {
      this.isRecordedOffline = true;
      await this.services.nodes.recordHealth(this.node.nodeId, { status: 'offline', error: error.message });
    }
    this.waitOrGiveUp();
  }

  /** The node cannot be worked with: what it has waits for it a while, what it was never sent goes elsewhere at once. */
  private waitOrGiveUp(): void {
    const { clock, settings } = this.services;
    this.unreachableSinceMs ??= clock.monotonicMs();
    const isLost = clock.monotonicMs() - this.unreachableSinceMs >= settings.nodes.lostAfterMs;
    for (const attempt of this.attempts.values()) if (isLost || !attempt.isPosted) attempt.giveUp();
  }
}
