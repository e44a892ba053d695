import type { NodeView } from '../../admin/index.js';
import { BackgroundLoop, UpstreamError, type Logger } from '../../common/index.js';
import type { Capabilities, NodeFence, OpenAssignment } from '../../shared/index.js';
import type { ComfyUiClient, ComfyUiSocket } from '../comfyui/comfyui-client.js';
import type { QueueSnapshot, SocketFrame } from '../comfyui/protocol.js';
import { Attempt } from './attempt.js';
import { HistoryJanitor } from './history-janitor.js';
import { InputUploads } from './input-uploads.js';
import { NodeHealth } from './node-health.js';
import { NodeTrouble } from './node-trouble.js';
import type { SessionServices } from './session-services.js';
import { StrayRemoval } from './stray-removal.js';

/** One that runs, and one so that the GPU never idles (I17). */
const MOST_IN_FLIGHT = 2;
/** So long after we opened the event stream anew, its loss is our own doing and excuses no silence. */
const RENEWAL_MS = 5_000;

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
  private readonly health: NodeHealth;
  private readonly strays: StrayRemoval;
  private readonly trouble: NodeTrouble;
  private readonly loop: BackgroundLoop;
  private socket: ComfyUiSocket | undefined;
  private polledMs = -Infinity;
  private restsUntilMs = -Infinity;
  private unreachableSinceMs: number | undefined;
  private isStopped = false;
  private foreignPrompts = 0;
  private renewedMs = -Infinity;
  private connectedMs = -Infinity;

  constructor(
    private readonly node: NodeView,
    private readonly fence: NodeFence,
    private readonly installationId: string,
    private readonly services: SessionServices,
  ) {
    const { assignments, clock, connector, logger, settings } = services;
    this.log = logger.child({ nodeId: node.nodeId });
    this.client = connector.connect(node.url);
    // Never shared between two owners: each lease has its token (I14).
    this.clientId = `${installationId}-${node.nodeId}-${fence.leaseToken}`;
    this.janitor = new HistoryJanitor(this.client, this.log);
    this.inputs = new InputUploads(this.client, services.store, services.installation);
    const { client, log } = this;
    this.health = new NodeHealth({ nodeId: node.nodeId, url: node.url, installationId, client, services, log });
    this.strays = new StrayRemoval({ client, assignments, clock, installationId, log });
    this.trouble = new NodeTrouble({ clock, log, graceMs: settings.dispatch.stuckGraceMs });
    this.loop = new BackgroundLoop({
      name: `node ${node.nodeId}`,
      logger: this.log,
      // Asked before each round: an admin may have changed nodes.health_ms.
      get sweepMs() {
        return Math.min(settings.nodes.fastPollMs, settings.nodes.healthMs);
      },
      round: () => this.look(),
    });
  }

  start(): void {
    this.socket = this.services.connector.openSocket(this.node.url, this.clientId, {
      onFrame: (frame) => this.onFrame(frame),
      onConnected: () => {
        // A restart cuts the socket; what the node had before it may be gone.
        this.inputs.forget();
        this.connectedMs = this.services.clock.monotonicMs();
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
    for (const attempt of this.attempts.values()) attempt.leave();
  }

  /** The node's open assignments as the database has them now, and why some had better run elsewhere (id → reason). */
  update(rows: OpenAssignment[], recalls: ReadonlyMap<string, string> = new Map()): void {
    this.health.noteOpen(rows);
    for (const row of rows) {
      const known = this.attempts.get(row.assignmentId);
      if (known) known.update(row);
      else this.attempts.set(row.assignmentId, this.newAttempt(row));
    }
    for (const [id, reason] of recalls) this.attempts.get(id)?.recall(reason);
    const open = new Set(rows.map(({ assignmentId }) => assignmentId));
    for (const [id, attempt] of this.attempts) {
      if (open.has(id) || !attempt.isIdle) continue;
      attempt.leave();
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
      capabilities: (): Capabilities => this.health.admission?.capabilities ?? { classes: [], models: {} },
      isListening: () => this.socket?.isConnected === true || this.isRenewing(),
      onStuck: (promptId) => this.trouble.declareStuck(promptId),
      onStep: () => this.loop.nudge(),
    });
  }

  private onFrame(frame: SocketFrame): void {
    const attempt = this.attempts.get(frame.promptId);
    if (!attempt) return;
    attempt.onFrame(frame);
    if (frame.type === 'ended') this.loop.nudge();
  }

  /** What the socket did not tell may have happened: poll at once. */
  private lookAgain(): void {
    this.polledMs = -Infinity;
    this.loop.nudge();
  }

  private async look(): Promise<void> {
    if (this.services.clock.monotonicMs() < this.restsUntilMs) return;
    try {
      // First: health alone brings no node back, for one whose queue cannot be read is of no use.
      const queue = await this.poll();
      await this.health.check({ wasAway: this.unreachableSinceMs !== undefined, trouble: this.trouble.reason });
      this.health.reportLoad();
      if (!this.health.admission) return this.waitOrGiveUp();
      this.unreachableSinceMs = undefined;
      // Only nodes that are admitted can interrupt one prompt alone.
      if (queue) this.trouble.see(queue, await this.strays.remove(queue));
      this.renewDeafSocket();
      this.advance(queue);
    } catch (error) {
      this.rest();
      // Other trouble, of a database say, is not the node's; and a session that ends has cut its own requests.
      if (!(error instanceof UpstreamError) || this.isStopped) throw error;
      await this.onUnreachable(error);
    }
  }

  /** A socket may be open and deaf (docs/comfyui-protocol.md, 4.5): a new one costs nothing where it was only quiet. */
  private renewDeafSocket(): void {
    const now = this.services.clock.monotonicMs();
    const { deafAfterMs } = this.services.settings.nodes;
    const isDeaf = [...this.attempts.values()].some(({ unheardMs }) => unheardMs > deafAfterMs);
    if (!isDeaf || !this.socket?.isConnected || now - this.connectedMs < deafAfterMs) return;
    this.renewedMs = now;
    this.log.info('nothing was heard of a running prompt; opening the event stream anew');
    this.socket.reconnect();
  }

  private isRenewing(): boolean {
    return this.services.clock.monotonicMs() - this.renewedMs < RENEWAL_MS;
  }

  private advance(queue: QueueSnapshot | undefined): void {
    const { reason } = this.trouble;
    // Not where the socket was lost or came back meanwhile: another look is due before.
    let mayPost = this.strays.areGone && reason === undefined && this.polledMs > -Infinity;
    // Once it is recorded, so that what is recalled does not come straight back.
    const mayRecall = reason !== undefined && this.health.recordedTrouble === reason;
    for (const attempt of this.attempts.values()) {
      if (mayRecall) attempt.recall(reason);
      attempt.advance({ queue, mayPost: mayPost && this.hasRoom() });
      // One after the other: what was assigned first runs first.
      if (attempt.isPosting) mayPost = false;
    }
  }

  /** The work of others counts like ours: what would wait behind two prompts waits here, where it can be recalled. */
  private hasRoom(): boolean {
    const posted = [...this.attempts.values()].filter(({ isPosted }) => isPosted);
    return this.foreignPrompts === 0 || this.foreignPrompts + posted.length < MOST_IN_FLIGHT;
  }

  private noteForeign({ running, pending }: QueueSnapshot): void {
    const foreign = [...running, ...pending].filter(({ promptId }) => !this.attempts.has(promptId)).length;
    if (foreign > 0 && this.foreignPrompts === 0) this.log.info({ prompts: foreign }, 'the node works for others too');
    this.foreignPrompts = foreign;
    this.health.noteForeign(foreign);
  }

  /** After trouble: a pause that no nudge cuts short, then a look that tells all strays before anything is posted. */
  private rest(): void {
    const { clock, settings } = this.services;
    this.polledMs = -Infinity;
    this.restsUntilMs = clock.monotonicMs() + settings.nodes.fastPollMs;
  }

  /** The node's queue, where a look is due. */
  private async poll(): Promise<QueueSnapshot | undefined> {
    const { clock } = this.services;
    if (clock.monotonicMs() - this.polledMs < this.pollEveryMs()) return undefined;
    this.polledMs = clock.monotonicMs();
    const queue = await this.client.queue();
    this.noteForeign(queue);
    return queue;
  }

  private pollEveryMs(): number {
    const { healthMs, fastPollMs, pollMs } = this.services.settings.nodes;
    if (!this.strays.areGone || this.trouble.reason !== undefined) return fastPollMs;
    const posted = [...this.attempts.values()].filter(({ isPosted }) => isPosted);
    if (!this.hasRoom() && posted.length < this.attempts.size) return fastPollMs;
    // A former owner's POST may be late, and reach a node that has nothing of ours.
    if (posted.length === 0) return healthMs;
    return !this.socket?.isConnected || posted.some(({ wantsFastPolls }) => wantsFastPolls) ? fastPollMs : pollMs;
  }

  private async onUnreachable(error: Error): Promise<void> {
    if (this.unreachableSinceMs === undefined) this.log.warn({ reason: error.message }, 'node does not answer');
    await this.health.recordOffline(error);
    this.waitOrGiveUp();
  }

  /** The node cannot be worked with: what it has waits for it a while, what it was never sent goes elsewhere at once. */
  private waitOrGiveUp(): void {
    this.rest();
    const { clock, settings } = this.services;
    this.unreachableSinceMs ??= clock.monotonicMs();
    const isLost = clock.monotonicMs() - this.unreachableSinceMs >= settings.nodes.lostAfterMs;
    for (const attempt of this.attempts.values()) if (isLost || !attempt.isPosted) attempt.giveUp();
  }
}
