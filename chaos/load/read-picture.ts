import sharp from 'sharp';
import type { PromptGraph } from '../../simulators/comfyui/protocol.js';

/** What a downloaded file is, and what stands in it of its making. */
export interface Picture {
  format: string;
  width: number;
  height: number;
  /** Of an animation; else 1. */
  frames: number;
  /** From the graph that the node left in the file. */
  prompts: string[];
  seed: number | undefined;
  /** The attempt that made it: savers have its id in their prefix. */
  assignmentId: string | undefined;
}

/** Decodes every pixel; throws where the file is none that a viewer would show. */
export async function readPicture(bytes: Buffer): Promise<Picture> {
  const image = sharp(bytes, { animated: true, failOn: 'warning' });
  const { format, width, height, pageHeight, pages, exif } = await image.metadata();
  await image.raw().toBuffer();
  const nodes = Object.values(readGraph(bytes, exif));
  const inputs = (className: string) =>
    nodes.filter((node) => node.class_type === className).map((node) => node.inputs);
  const prefix = nodes.map((node) => node.inputs.filename_prefix).find((value) => typeof value === 'string');
  return {
    format,
    width,
    height: pageHeight ?? height,
    frames: pages ?? 1,
    prompts: inputs('CLIPTextEncode').map(({ text }) => String(text)),
    seed: inputs('KSampler')[0]?.seed as number | undefined,
    assignmentId: prefix?.split('/')[1],
  };
}

/** ComfyUI leaves it in PNG under the keyword "prompt", in WebP in an EXIF field. */
function readGraph(bytes: Buffer, exif: Buffer | undefined): PromptGraph {
  const text = exif ? between(exif, 'prompt:') : between(bytes, 'tEXtprompt\0');
  if (!text) throw new Error('no graph stands in the file');
  return JSON.parse(text) as PromptGraph;
}

/** The JSON object after a marker, to the brace that closes it. */
function between(bytes: Buffer, marker: string): string | undefined {
  const text = bytes.toString('latin1');
  const from = text.indexOf(marker) + marker.length;
  if (from < marker.length) return undefined;
  let depth = 0;
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (isQuoted && letter === '\\') at += 1;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && letter === '{') depth += 1;
    else if (!isQuoted && letter === '}' && --depth === 0) return text.slice(from, at + 1);
  }
  return undefined;
}
