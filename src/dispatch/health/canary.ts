import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { newId, UpstreamError } from '../../common/index.js';
import type { PromptGraph } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { HistoryEntry } from '../comfyui/protocol.js';
import { readHistory } from '../sessions/read-history.js';

/** A small picture that needs no model, and how it must come out. */
export interface TestPicture {
  graph: PromptGraph;
  width: number;
  height: number;
}

export interface RenderOptions {
  withinMs: number;
  /** Before what waits on the node: the picture takes no time, and who waits for it is kept from work. */
  isFirst?: boolean;
}

export interface Rendering {
  seconds: number;
  /** `png, 512x512`. */
  picture: string;
  isRight: boolean;
}

const POLL_MS = 200;

/** The node was asked and is still at it: nothing is known. */
export class CanaryTimeoutError extends UpstreamError {
  constructor(withinMs: number) {
    super(`the test prompt was not done within ${withinMs / 1_000} s`, 'CANARY_TIMEOUT');
  }
}

/** Renders the picture on a node and fetches it; leaves no history there. Throws an UpstreamError where it fails. */
export async function renderTestPicture(
  client: ComfyUiClient,
  picture: TestPicture,
  { withinMs, isFirst = false }: RenderOptions,
): Promise<Rendering> {
  const promptId = newId();
  const startedMs = performance.now();
  const outcome = await client.submit({
    prompt: withPrefix(picture.graph, promptId),
    prompt_id: promptId,
    client_id: `check-${promptId}`,
    extra_data: {},
    ...(isFirst ? { front: true } : {}),
  });
  if (outcome.kind === 'ambiguous') throw new UpstreamError(`no answer to the test prompt: ${outcome.reason}`);
  if (outcome.kind === 'refused') throw new UpstreamError(`it refused the test prompt: ${outcome.message}`);
  const end = readHistory(await waitForEnd(client, promptId, withinMs));
  const made = end.kind === 'success' ? end.outputs[0] : undefined;
  if (!made || !('file' in made)) throw new UpstreamError(`the test prompt ended in ${end.kind}`);
  const seconds = (performance.now() - startedMs) / 1_000;
  const file = await client.view(made.file);
  if (!file) throw new UpstreamError('it does not have the picture that it just made');
  const { format, width, height } = await readPicture(await readAll(file.body));
  await client.deleteHistory([promptId]);
  const isRight = format === 'png' && width === picture.width && height === picture.height;
  return { seconds, picture: `${format}, ${width}x${height}`, isRight };
}

async function waitForEnd(client: ComfyUiClient, promptId: string, withinMs: number): Promise<HistoryEntry> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await setTimeout(POLL_MS)) {
    const entry = await client.history(promptId);
    if (entry) return entry;
  }
  await client.deletePending([promptId]);
  throw new CanaryTimeoutError(withinMs);
}

/** A picture that breaks off is the node's failure, as any other. */
async function readAll(body: NodeJS.ReadableStream): Promise<Buffer> {
  try {
    return await buffer(body);
  } catch (error) {
    throw new UpstreamError('its picture broke off', 'CANARY_BROKE_OFF', { cause: error });
  }
}

async function readPicture(bytes: Buffer) {
  try {
    return await sharp(bytes).metadata();
  } catch (error) {
    throw new UpstreamError('its picture is not readable', 'CANARY_UNREADABLE', { cause: error });
  }
}

function withPrefix(graph: PromptGraph, promptId: string): PromptGraph {
  const copy = structuredClone(graph);
  for (const { inputs } of Object.values(copy))
    if ('filename_prefix' in inputs) inputs.filename_prefix = `cws/${promptId}`;
  return copy;
}
