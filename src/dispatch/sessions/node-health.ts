import type { Logger } from '../../common/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import { admitNode, type Admission } from './admit-node.js';
import type { SessionServices } from './session-services.js';

/** Model files come and go while a node runs; reading all of them costs it a tenth of a second or more. */
const CAPABILITIES_FOR_MS = 5 * 60_000;

interface Surroundings {
  nodeId: string;
  client: ComfyUiClient;
  services: SessionServices;
  log: Logger;
}

/** Checks a node's health now and then, and records it for everybody to see. */
export class NodeHealth {
  /** Undefined where the node was never asked, or is refused. */
  admission: Admission | undefined;
  private checkedMs = -Infinity;
  private capabilitiesReadMs = -Infinity;
  private isRecordedOffline = false;
  /** Why a node that answers gets no work, as everybody was told. */
  recordedTrouble: string | undefined;

  constructor(private readonly surroundings: Surroundings) {}

  /** Asks where a check is due; a node that was away may have come back as another. */
  async check({ wasAway, trouble }: { wasAway: boolean; trouble?: string | undefined }): Promise<void> {
    const { nodeId, client, log } = this.surroundings;
    const { clock, nodes, settings, signals } = this.surroundings.services;
    const isDue = trouble !== this.recordedTrouble || clock.monotonicMs() - this.checkedMs >= settings.nodes.healthMs;
    if (this.admission && !wasAway && !isDue) return;
    const isStale = clock.monotonicMs() - this.capabilitiesReadMs >= CAPABILITIES_FOR_MS;
    const known = !wasAway && !isStale ? this.admission : undefined;
    const admission = await admitNode(client, known, settings.nodes);
    this.checkedMs = clock.monotonicMs();
    const isNews = admission !== known;
    const isBack = this.admission === undefined || wasAway;
    if (isNews) this.capabilitiesReadMs = this.checkedMs;
    this.isRecordedOffline = false;
    if ('refusedBecause' in admission) {
      this.admission = undefined;
      const { version, refusedBecause: error } = admission;
      return nodes.recordHealth(nodeId, { status: 'error', version, error });
    }
    this.admission = admission;
    const { version, capabilities } = admission;
    const status = trouble === undefined ? 'online' : 'error';
    await nodes.recordHealth(nodeId, { status, version, error: trouble, ...(isNews ? { capabilities } : {}) });
    const isWellAgain = this.recordedTrouble !== undefined && trouble === undefined;
    this.recordedTrouble = trouble;
    if (isBack) log.info({ version, classes: capabilities.classes.length }, 'node is online');
    if (isNews || isWellAgain) signals.emit('queue.changed');
  }

  async recordOffline(error: Error): Promise<void> {
    if (this.isRecordedOffline) return;
    this.isRecordedOffline = true;
    const { nodeId, services } = this.surroundings;
    await services.nodes.recordHealth(nodeId, { status: 'offline', error: error.message });
  }
}
