import type { Logger } from '../../common/index.js';
import type { OpenAssignment } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import { readHardware, readUsage } from '../health/read-usage.js';
import { admitNode, type Admission } from './admit-node.js';
import type { SessionServices } from './session-services.js';

/** Model files come and go while a node runs; reading all of them costs it a tenth of a second or more. */
const CAPABILITIES_FOR_MS = 5 * 60_000;

interface Surroundings {
  nodeId: string;
  url: string;
  installationId: string;
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
  private ownPrompts = 0;
  private foreignPrompts = 0;
  private reportedLoad: number | undefined;
  /** Why a node that answers gets no work, as everybody was told. */
  recordedTrouble: string | undefined;

  constructor(private readonly surroundings: Surroundings) {}

  /** Asks where a check is due; a node that was away may have come back as another. */
  async check({ wasAway, trouble }: { wasAway: boolean; trouble?: string | undefined }): Promise<void> {
    const { nodeId, url, client, log } = this.surroundings;
    const { breakers, clock, nodes, settings, signals } = this.surroundings.services;
    const isDue = trouble !== this.recordedTrouble || clock.monotonicMs() - this.checkedMs >= settings.nodes.healthMs;
    if (this.admission && !wasAway && !isDue) return;
    const isStale = clock.monotonicMs() - this.capabilitiesReadMs >= CAPABILITIES_FOR_MS;
    const known = !wasAway && !isStale ? this.admission : undefined;
    const stats = await client.systemStats();
    const admission = await admitNode(client, { stats, known }, settings.nodes);
    const seen = { version: admission.version, usage: readUsage(stats), hardware: readHardware(stats) };
    const isNews = admission !== known;
    const isBack = this.admission === undefined || wasAway;
    // Until it is on record nothing is known: the next look asks and writes again.
    this.checkedMs = -Infinity;
    this.isRecordedOffline = false;
    if ('refusedBecause' in admission) {
      this.admission = undefined;
      await nodes.recordHealth(nodeId, { status: 'error', ...seen, error: admission.refusedBecause });
      this.noteChecked(isNews);
      return;
    }
    const { version, capabilities } = admission;
    const status = trouble === undefined ? 'online' : 'error';
    await nodes.recordHealth(nodeId, { status, ...seen, error: trouble, ...(isNews ? { capabilities } : {}) });
    this.admission = admission;
    this.noteChecked(isNews);
    const isWellAgain = this.recordedTrouble !== undefined && trouble === undefined;
    this.recordedTrouble = trouble;
    if (isBack) log.info({ version, classes: capabilities.classes.length }, 'node is online');
    if (isNews || isWellAgain) signals.emit('queue.changed');
    if (trouble === undefined) await breakers.tend(nodeId, url);
  }

  private noteChecked(hasNews: boolean): void {
    this.checkedMs = this.surroundings.services.clock.monotonicMs();
    if (hasNews) this.capabilitiesReadMs = this.checkedMs;
  }

  /** What the node holds: of ours by the database, of others by its queue. */
  noteOpen(rows: OpenAssignment[]): void {
    this.ownPrompts = rows.filter(({ slot }) => slot !== null).length;
  }

  noteForeign(prompts: number): void {
    this.foreignPrompts = prompts;
  }

  /** Has the load written down where it changed. */
  reportLoad(): void {
    const { nodeId, services } = this.surroundings;
    const load = this.ownPrompts + this.foreignPrompts;
    if (load !== this.reportedLoad) services.loads.report(nodeId, load);
    this.reportedLoad = load;
  }

  async recordOffline(error: Error): Promise<void> {
    if (this.isRecordedOffline) return;
    const { nodeId, services } = this.surroundings;
    await services.nodes.recordHealth(nodeId, { status: 'offline', error: error.message });
    this.isRecordedOffline = true;
  }
}
