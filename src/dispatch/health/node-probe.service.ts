import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { AppError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { HttpComfyUiClient } from '../comfyui/http-comfyui-client.js';
import type { NodeProbeView } from './node-health.view.js';

/** Somebody is looking at the page and waits for the answer. */
const ANSWER_WITHIN_MS = 3_000;

/** Asks a node how it is, now, whoever drives it; records nothing. */
@Injectable()
export class NodeProbeService {
  constructor(
    private readonly nodes: NodesService,
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
}
