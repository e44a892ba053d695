import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { newId, UpstreamError } from '../../common/index.js';
import type { PromptGraph } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { FileReference, HistoryEntry } from '../comfyui/protocol.js';
import { mediaTypeOf } from '../sessions/media-types.js';
import type { TrialMark } from '../sessions/prompt-mark.js';
import { readHistory, type PromptEnd } from '../sessions/read-history.js';

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
  /** Our mark, where the prompt may be long: it is found again should this process die (I13). */
  mark?: TrialMark;
  maxBytes?: number;
}

export interface Rendering {
  seconds: number;
  /** `png, 512x512`; of a video `webp, 480x480, 33 frames` or `mp4, 81920 bytes`. */
  picture: string;
  isRight: boolean;
}

const POLL_MS = 200;
/** Of a picture, which is read whole; that of a canary is a small fraction of it. */
const MOST_BYTES = 64 * 1024 * 1024;

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
  options: RenderOptions,
): Promise<Rendering> {
  const promptId = options.mark?.assignment ?? newId();
  try {
    return await render(client, picture, { ...options, promptId });
  } finally {
    // Nothing rests on it: the node trims its history by itself.
    await client.deleteHistory([promptId]).catch(() => undefined);
  }
}

async function render(
  client: ComfyUiClient,
  picture: TestPicture,
  { withinMs, isFirst = false, mark, maxBytes = MOST_BYTES, promptId }: RenderOptions & { promptId: string },
): Promise<Rendering> {
  const startedMs = performance.now();
  const outcome = await client.submit({
    prompt: withPrefix(picture.graph, promptId),
    prompt_id: promptId,
    client_id: `check-${promptId}`,
    extra_data: mark ? { cws: mark } : {},
    ...(isFirst ? { front: true } : {}),
  });
  if (outcome.kind === 'ambiguous') throw new UpstreamError(`no answer to the test prompt: ${outcome.reason}`);
  if (outcome.kind === 'refused') throw new UpstreamError(`it refused the test prompt: ${outcome.message}`);
  const made = fileOf(readHistory(await waitForEnd(client, promptId, withinMs)));
  const seconds = (performance.now() - startedMs) / 1_000;
  const file = await client.view(made);
  if (!file) throw new UpstreamError('it does not have the picture that it just made');
  const deadline = globalThis.setTimeout(() => file.body.destroy(new Error('too slow')), withinMs);
  const words = await describe(file, made.filename, maxBytes).finally(() => clearTimeout(deadline));
  return { seconds, picture: words, isRight: words === `png, ${picture.width}x${picture.height}` };
}

async function waitForEnd(client: ComfyUiClient, promptId: string, withinMs: number): Promise<HistoryEntry> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await setTimeout(POLL_MS)) {
    const entry = await client.history(promptId);
    if (entry) return entry;
  }
  await takeOff(client, promptId);
  throw new CanaryTimeoutError(withinMs);
}

/** An old node's interrupt stops whatever runs: it is sent only while that is this prompt. */
async function takeOff(client: ComfyUiClient, promptId: string): Promise<void> {
  await client.deletePending([promptId]);
  const { running } = await client.queue();
  if (running.some((entry) => entry.promptId === promptId)) await client.interrupt(promptId);
}

function fileOf(end: PromptEnd): FileReference {
  if (end.kind === 'interrupted') throw new UpstreamError('the test prompt was interrupted');
  if (end.kind === 'error') {
    const { node_type: node, exception_message: message } = end.error;
    const why = [node, message?.trim()].filter(Boolean).join(': ');
    throw new UpstreamError(`the test prompt ended in error${why === '' ? '' : ` (${why})`}`);
  }
  const [made] = end.outputs;
  if (made && 'file' in made) return made.file;
  const instead = made ? 'a text' : 'nothing that it names';
  throw new UpstreamError(`the test prompt ran to its end, but made ${instead} instead of a picture`, 'NO_PICTURE');
}

/** In words. Of what is no picture by its name, the name's ending and the size are all that is looked at. */
async function describe(
  { body, sizeBytes }: { body: Readable; sizeBytes: number | undefined },
  fileName: string,
  maxBytes: number,
): Promise<string> {
  const { type = 'image' } = mediaTypeOf(fileName) ?? {};
  if (type === 'image') return describePicture(await readAll(body, Math.min(maxBytes, MOST_BYTES)));
  let bytes = 0;
  if (sizeBytes === undefined) for await (const part of parts(body, maxBytes)) bytes += part.length;
  else body.destroy();
  return `${extname(fileName).slice(1).toLowerCase()}, ${sizeBytes ?? bytes} bytes`;
}

async function readAll(body: Readable, maxBytes: number): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts(body, maxBytes)) all.push(part);
  return Buffer.concat(all);
}

/** A picture that breaks off, or does not end, is the node's failure, as any other. */
async function* parts(body: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) break;
      yield part;
    }
  } catch (error) {
    throw new UpstreamError('its picture broke off', 'CANARY_BROKE_OFF', { cause: error });
  }
  if (bytes > maxBytes) throw new UpstreamError(`its picture is larger than ${maxBytes} bytes`, 'CANARY_TOO_LARGE');
}

async function describePicture(bytes: Buffer): Promise<string> {
  try {
    const { format, width, height, pages = 1 } = await sharp(bytes).metadata();
    return `${format}, ${width}x${height}${pages > 1 ? `, ${pages} frames` : ''}`;
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
