import { Inject, Injectable } from '@nestjs/common';
import {
  NodesService,
  readShippedGraph,
  stateOf,
  stepBreaker,
  type Breaker,
  type BreakerPolicy,
  type Circuit,
  type CircuitEvent,
} from '../../admin/index.js';
import { Clock, LOGGER, UpstreamError, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import type { AttemptFailure, OpenAssignment, SettleOutcome } from '../../shared/index.js';
import { COMFYUI_CONNECTOR, type ComfyUiClient, type ComfyUiConnector } from '../comfyui/comfyui-client.js';
import { blameFor } from './blame.js';
import { CanaryTimeoutError, renderTestPicture } from './canary.js';

export interface CanaryReport {
  /** Undefined: nothing is known, since the node is still busy with other things. */
  isGood: boolean | undefined;
  finding: string;
}

/** A node that works on a long video shows the test picture after it. */
const CANARY_WITHIN_MS = 10 * 60_000;
const PICTURE = { width: 512, height: 512 };

/**
 * Keeps the circuit breakers of nodes: counts how attempts end, and tries a test picture on a node whose pause is
 * over. What it knows stands in the nodes' rows, for all processes.
 */
@Injectable()
export class BreakersService {
  private readonly policy: BreakerPolicy;
  /** Nodes of which something is on record: a success elsewhere changes nothing and is not written down. */
  private readonly onRecord = new Set<string>();
  private readonly canaries = new Map<string, Promise<CanaryReport>>();
  private readonly clients = new Set<ComfyUiClient>();
  private readonly notes = new Set<Promise<void>>();
  private isStopping = false;

  constructor(
    private readonly nodes: NodesService,
    @Inject(COMFYUI_CONNECTOR) private readonly connector: ComfyUiConnector,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) { nodes: settings }: Settings,
  ) {
    this.policy = {
      failures: settings.breakerFailures,
      windowMs: settings.breakerWindowMs,
      pauseMs: settings.breakerPauseMs,
      longestPauseMs: settings.breakerLongestPauseMs,
    };
  }

  /** Ends canaries and waits for what is being written. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.clients].map((client) => client.close()));
    await Promise.all([...this.notes, ...this.canaries.values()]);
  }

  /** An attempt was settled, well (`completed`) or by this failure. Returns at once: no settle waits for it. */
  attemptEnded(row: OpenAssignment, outcome: SettleOutcome, failure?: AttemptFailure): void {
    const events = this.eventsOf(row, outcome, failure);
    if (events.length === 0) return;
    const { nodeId } = row;
    const note = this.record(nodeId, events)
      .catch((err: unknown) => this.logger.warn({ err, nodeId }, 'how an attempt ended was not counted'))
      .finally(() => this.notes.delete(note));
    this.notes.add(note);
  }

  /** Called now and then for a node that answers: tries a canary where a pause is over, without waiting for it. */
  async tend(nodeId: string, url: string): Promise<void> {
    const breaker = await this.nodes.findBreaker(nodeId);
    if (breaker.node || Object.keys(breaker.workflows).length > 0) this.onRecord.add(nodeId);
    else this.onRecord.delete(nodeId);
    const isDue = circuitsOf(breaker).some(isDueAt(this.clock.now().getTime()));
    if (isDue && !this.isStopping) void this.tryCanary(nodeId, url);
  }

  /**
   * Tries the test picture, and lets circuits that are due hear of it; with `isWished` by an operator, all that are
   * open. One a node at a time: who asks meanwhile gets the same. Never throws.
   */
  tryCanary(nodeId: string, url: string, { isWished = false } = {}): Promise<CanaryReport> {
    const running = this.canaries.get(nodeId);
    if (running) return running;
    const canary = this.runCanary(nodeId, url, isWished)
      .catch((err: unknown) => {
        this.logger.warn({ err, nodeId }, 'the canary of a node could not be recorded');
        return { isGood: undefined, finding: (err as Error).message };
      })
      .finally(() => this.canaries.delete(nodeId));
    this.canaries.set(nodeId, canary);
    return canary;
  }

  /** Forgets all that is held against a node. */
  async reset(nodeId: string): Promise<void> {
    await this.nodes.resetBreaker(nodeId);
    this.signals.emit('queue.changed');
  }

  private eventsOf(
    { nodeId, workflowName }: OpenAssignment,
    outcome: SettleOutcome,
    failure: AttemptFailure | undefined,
  ): { workflow?: string; event: CircuitEvent }[] {
    const atMs = this.clock.now().getTime();
    if (outcome === 'completed') {
      const event = { kind: 'succeeded' as const, atMs };
      return this.onRecord.has(nodeId) ? [{ event }, { workflow: workflowName, event }] : [];
    }
    // A cancel ends an attempt for its own reason; one that was never sent says nothing of how the node works.
    if (!failure || failure.isUnspent || outcome === 'cancelled' || outcome === 'superseded') return [];
    const event = { kind: 'failed' as const, atMs, reason: `${failure.errorCode}: ${failure.errorMessage}` };
    switch (blameFor(failure.errorCode)) {
      case 'node':
        return [{ event }];
      case 'workflow':
        return [{ workflow: workflowName, event }];
      case 'nobody':
        return [];
    }
  }

  private async record(nodeId: string, events: { workflow?: string; event: CircuitEvent }[]): Promise<void> {
    this.onRecord.add(nodeId);
    const { before, after } = await this.nodes.changeBreaker(nodeId, (breaker) =>
      events.reduce((known, event) => stepBreaker(known, event, this.policy), breaker),
    );
    const wasOpen = new Set(circuitsOf(before).map(({ workflow }) => workflow));
    for (const { workflow, circuit } of circuitsOf(after)) {
      if (wasOpen.has(workflow)) continue;
      const { reason, turnsAtMs } = circuit;
      const fields = { nodeId, workflow, reason, reopensAt: new Date(turnsAtMs) };
      this.logger.warn(fields, 'circuit opened: no new work until a test picture comes out well');
    }
  }

  private async runCanary(nodeId: string, url: string, isWished: boolean): Promise<CanaryReport> {
    const report = await this.render(url);
    if (report.isGood === undefined || this.isStopping) return report;
    const atMs = this.clock.now().getTime();
    const event: CircuitEvent = report.isGood
      ? { kind: 'canary_passed', atMs }
      : { kind: 'canary_failed', atMs, reason: `Test picture: ${report.finding}` };
    const { before, after } = await this.nodes.changeBreaker(nodeId, (breaker) =>
      circuitsOf(breaker)
        .filter((open) => isWished || isDueAt(atMs)(open))
        .reduce((known, { workflow }) => stepBreaker(known, { workflow, event }, this.policy), breaker),
    );
    if (after === before) return report;
    if (report.isGood) this.signals.emit('queue.changed');
    this.logger.info({ nodeId, ...report }, report.isGood ? 'circuit closed after a test picture' : 'canary failed');
    return report;
  }

  private async render(url: string): Promise<CanaryReport> {
    const client = this.connector.connect(url);
    this.clients.add(client);
    try {
      const graph = await readShippedGraph('test_pattern');
      const options = { withinMs: CANARY_WITHIN_MS, isFirst: true };
      const { picture, seconds, isRight } = await renderTestPicture(client, { graph, ...PICTURE }, options);
      return { isGood: isRight, finding: `${picture} in ${seconds.toFixed(1)} s` };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return { isGood: error instanceof CanaryTimeoutError ? undefined : false, finding: error.message };
    } finally {
      this.clients.delete(client);
      await client.close();
    }
  }
}

function isDueAt(nowMs: number): (open: { circuit: Circuit }) => boolean {
  return ({ circuit }) => stateOf(circuit, nowMs) === 'half_open';
}

/** The circuits that are open, by workflow; undefined is the node's own. */
function circuitsOf({ node, workflows }: Breaker) {
  const all = [
    ...(node ? [{ workflow: undefined, circuit: node }] : []),
    ...Object.entries(workflows).map(([workflow, circuit]) => ({ workflow, circuit })),
  ];
  return all.filter(({ circuit }) => circuit.isOpen);
}
