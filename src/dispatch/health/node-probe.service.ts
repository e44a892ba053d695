import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService, NodesService } from '../../admin/index.js';
import { AppError, Clock } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { HttpComfyUiClient } from '../comfyui/http-comfyui-client.js';
import { BreakersService } from './breakers.service.js';
import { toBreakerView, type BreakerView, type CanaryView, type NodeProbeView } from './node-health.view.js';

/** Somebody is looking at the page and waits for the answer. */
const ANSWER_WITHIN_MS = 3_000;
/** What proxies wait at most, mostly; the picture is tried on behind the answer. */
const CANARY_ANSWER_WITHIN_MS = 50_000;

/** Asks single nodes how they are, now, whoever drives them, and tells and clears what is held against them. */
@Injectable()
export class NodeProbeService {
  constructor(
    private readonly nodes: NodesService,
    private readonly breakers: BreakersService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Throws 404 for a node that is not registered; one that does not answer is an answer. */
  async probe(nodeId: string): Promise<NodeProbeView> {
    const { url } = await this.nodes.get(nodeId);
    const timeoutMs = Math.min(ANSWER_WITHIN_MS, this.settings.nodes.requestTimeoutMs);
    const client = new HttpComfyUiClient(url, { requestTimeoutMs: timeoutMs, postTimeoutMs: timeoutMs });
    try {
      const { system } = await client.systemStats();
      return { success: true, version: system.comfyui_version ?? null, error: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { success: false, version: null, error: error.message };
    } finally {
      await client.close();
    }
  }

  async getBreaker(nodeId: string): Promise<BreakerView> {
    await this.nodes.get(nodeId);
    return toBreakerView(nodeId, await this.nodes.findBreaker(nodeId), this.clock.now().getTime());
  }

  async resetBreaker(nodeId: string): Promise<BreakerView> {
    await this.nodes.get(nodeId);
    await this.breakers.reset(nodeId);
    return this.getBreaker(nodeId);
  }

  async tryCanary(nodeId: string): Promise<CanaryView> {
    const { url } = await this.nodes.get(nodeId);
    const isOver = new AbortController();
    const late = setTimeout(CANARY_ANSWER_WITHIN_MS, undefined, { signal: isOver.signal }).catch(() => undefined);
    const report = await Promise.race([this.breakers.tryCanary(nodeId, url, { isWished: true }), late]);
    isOver.abort();
    const finding = report?.finding ?? 'It still waits behind other work of the node; look at the breaker later.';
    const after = { success: report?.isGood ?? false, finding };
    await this.audit.record({ action: 'node.canary', targetType: 'node', targetId: nodeId, after });
    return after;
  }
}
