import { newId, UpstreamError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import type { ComfyUiClient } from './comfyui/comfyui-client.js';
import { HttpComfyUiClient } from './comfyui/http-comfyui-client.js';
import { ReconnectingSocket } from './comfyui/reconnecting-socket.js';
import { renderTestPicture, type TestPicture } from './health/canary.js';
import { admitNode } from './sessions/admit-node.js';

/** One thing that was looked at: fine, or what is wrong. */
export interface NodeFinding {
  subject: string;
  finding: string;
  isProblem: boolean;
}

/** A model that loads, or other people's prompts before ours. */
const RENDER_WITHIN_MS = 120_000;
const SOCKET_WITHIN_MS = 5_000;

/**
 * Looks a node over from outside and runs one small picture on it that needs no model: version, classes, models, queue,
 * event stream, render, download. Stops at the first thing without which the rest makes no sense.
 */
export async function* checkNode(url: string, picture: TestPicture, settings: Settings): AsyncGenerator<NodeFinding> {
  const client = new HttpComfyUiClient(url, settings.nodes);
  try {
    yield* inspect(client, settings);
    yield await checkSocket(url);
    yield* render(client, picture);
  } catch (error) {
    yield problem('node', (error as Error).message);
  } finally {
    await client.close();
  }
}

async function* inspect(client: ComfyUiClient, settings: Settings): AsyncGenerator<NodeFinding> {
  const stats = await client.systemStats();
  const admission = await admitNode(client, { stats }, settings.nodes);
  if ('refusedBecause' in admission) throw new UpstreamError(admission.refusedBecause, 'NODE_REFUSED');
  yield fine('version', `ComfyUI ${admission.version}`);
  for (const { name, vram_total: total, vram_free: free } of stats.devices) {
    yield fine('device', `${name}, ${gibibytes(free)} of ${gibibytes(total)} GiB free`);
  }
  const { classes, models } = admission.capabilities;
  yield fine('classes', `${classes.length}`);
  for (const [input, files] of Object.entries(models)) yield fine('models', `${input}: ${files.join(', ')}`);
  const { running, pending } = await client.queue();
  yield fine('queue', `${running.length} running, ${pending.length} waiting`);
}

async function checkSocket(url: string): Promise<NodeFinding> {
  const connected = await new Promise<boolean>((resolve) => {
    const timer = globalThis.setTimeout(() => finish(false), SOCKET_WITHIN_MS);
    const socket = new ReconnectingSocket(url, `check-${newId()}`, {
      onFrame: () => undefined,
      onConnected: () => finish(true),
      onLost: () => undefined,
    });
    function finish(isConnected: boolean): void {
      clearTimeout(timer);
      socket.close();
      resolve(isConnected);
    }
  });
  if (connected) return fine('event stream', 'connected');
  return problem(
    'event stream',
    `no answer from /ws within ${SOCKET_WITHIN_MS / 1_000} s: does a proxy block WebSockets?`,
  );
}

async function* render(client: ComfyUiClient, picture: TestPicture): AsyncGenerator<NodeFinding> {
  const { seconds, picture: made, isRight } = await renderTestPicture(client, picture, { withinMs: RENDER_WITHIN_MS });
  yield fine('render', `test_pattern in ${seconds.toFixed(1)} s`);
  yield { subject: 'picture', finding: made, isProblem: !isRight };
}

function fine(subject: string, finding: string): NodeFinding {
  return { subject, finding, isProblem: false };
}

function problem(subject: string, finding: string): NodeFinding {
  return { subject, finding, isProblem: true };
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
