import sharp from 'sharp';
import { toAsciiJson } from './png-text.js';
import { channels, fromSharp, toSharp, type RawImage } from './raw-image.js';

/** How much of the picture the last frame has left. */
const closestZoom = 0.7;

/** Frames that move slowly into a picture. */
export async function zoomInto(still: RawImage, frameCount: number): Promise<RawImage[]> {
  const frames: RawImage[] = [];
  for (let index = 0; index < frameCount; index++) {
    const part = 1 - ((1 - closestZoom) * index) / Math.max(1, frameCount - 1);
    const width = Math.max(1, Math.round(still.width * part));
    const height = Math.max(1, Math.round(still.height * part));
    const left = Math.floor((still.width - width) / 2);
    const top = Math.floor((still.height - height) / 2);
    const cut = toSharp(still).extract({ left, top, width, height });
    frames.push(await fromSharp(cut.resize(still.width, still.height, { fit: 'fill' })));
  }
  return frames;
}

export interface AnimationOptions {
  fps: number;
  lossless: boolean;
  quality: number;
  /** Left in the EXIF field "Model", as ComfyUI does. */
  prompt: unknown;
}

export async function encodeAnimatedWebp(
  frames: RawImage[],
  { fps, lossless, quality, prompt }: AnimationOptions,
): Promise<Buffer> {
  const [first] = frames;
  if (!first) throw new Error('An animation needs a frame');
  const { width, height: pageHeight } = first;
  const stacked = Buffer.concat(frames.map((frame) => frame.pixels));
  const raw = { width, height: pageHeight * frames.length, channels, pageHeight } as const;
  const delay = frames.map(() => Math.max(1, Math.round(1000 / fps)));
  return sharp(stacked, { raw })
    .withExif({ IFD0: { Model: `prompt:${toAsciiJson(prompt)}` } })
    .webp({ delay, loop: 0, lossless, quality, effort: 0 })
    .toBuffer();
}
