import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { newId, UpstreamError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import type { PromptGraph } from '../shared/index.js';
import type { ComfyUiClient } from './comfyui/comfyui-client.js';
import { HttpComfyUiClient } from './comfyui/http-comfyui-client.js';
import type { HistoryEntry } from './comfyui/protocol.js';
import { ReconnectingSocket } from './comfyui/reconnecting-socket.js';
import { admitNode } from './sessions/admit-node.js';
import { readHistory } from './sessions/read-history.js';

/** One thing that was looked at: fine, or what is wrong. */
export interface NodeFinding {
  subject: string;
  finding: string;
  isProblem: boolean;
}

export interface TestPicture {
  graph: PromptGraph;
  width: number;
  height: number;
}

/** A model that loads, or other people's prompts before ours. */
const RENDER_WITHIN_MS = 120_000;
const SOCKET_WITHIN_MS = 5_000;
const POLL_MS = 200;

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
  const promptId = newId();
  const startedMs = performance.now();
  const prompt = withPrefix(picture.graph, promptId);
  const outcome = await client.submit({ prompt, prompt_id: promptId, client_id: `check-${promptId}`, extra_data: {} });
  if (outcome.kind === 'ambiguous') throw new UpstreamError(`no answer to the test prompt: ${outcome.reason}`);
  if (outcome.kind === 'refused') throw new UpstreamError(`it refused the test prompt: ${outcome.message}`);
  const end = readHistory(await waitForEnd(client, promptId));
  const made = end.kind === 'success' ? end.outputs[0] : undefined;
  if (!made || !('file' in made)) throw new UpstreamError(`the test prompt ended in ${end.kind}`);
  yield fine('render', `test_pattern in ${seconds(performance.now() - startedMs)} s`);
  const file = await client.view(made.file);
  if (!file) throw new UpstreamError('it does not have the picture that it just made');
  const { format, width, height } = await sharp(await buffer(file.body)).metadata();
  const isRight = format === 'png' && width === picture.width && height === picture.height;
  yield { subject: 'picture', finding: `${format}, ${width}x${height}`, isProblem: !isRight };
  await client.deleteHistory([promptId]);
}

async function waitForEnd(client: ComfyUiClient, promptId: string): Promise<HistoryEntry> {
  for (const endMs = performance.now() + RENDER_WITHIN_MS; performance.now() < endMs; await setTimeout(POLL_MS)) {
    const entry = await client.history(promptId);
    if (entry) return entry;
  }
  await client.deletePending([promptId]);
  throw new UpstreamError(`the test prompt was not done within ${RENDER_WITHIN_MS / 1_000} s`);
}

function withPrefix(graph: PromptGraph, promptId: string): PromptGraph {
  const copy = structuredClone(graph);
  for (const { inputs } of Object.values(copy))
    if ('filename_prefix' in inputs) inputs.filename_prefix = `cws/${promptId}`;
  return copy;
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

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
