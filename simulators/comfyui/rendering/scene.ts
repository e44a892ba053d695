import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { writeCaption } from './caption.js';
import { fromSharp, type RawImage } from './raw-image.js';

/** What a sampler was asked for. The picture follows from it, the size and the place in the batch, and nothing else. */
export interface Scene {
  prompt: string;
  seed: number;
}

/** Paints the picture of a scene: a gradient and shapes drawn from a hash, and the prompt and seed written below. */
export async function renderScene(scene: Scene, width: number, height: number, index: number): Promise<RawImage> {
  const draw = drawFrom(`${scene.prompt}\n${scene.seed}\n${index}`);
  const hue = Math.floor(draw() * 360);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" gradientTransform="rotate(${Math.floor(draw() * 90)})">
      <stop offset="0" stop-color="hsl(${hue}, 65%, 35%)"/>
      <stop offset="1" stop-color="hsl(${(hue + 60 + draw() * 120) % 360}, 70%, 60%)"/>
    </linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    ${shapes(draw, width, height)}
  </svg>`;
  const picture = await fromSharp(sharp(Buffer.from(svg)).removeAlpha());
  return writeCaption(picture, { ...scene, index });
}

/** An endless row of numbers in 0..1 that the text determines. */
function drawFrom(text: string): () => number {
  let block = createHash('sha256').update(text).digest();
  let position = 0;
  return () => {
    if (position === block.length) {
      block = createHash('sha256').update(block).digest();
      position = 0;
    }
    const value = block.readUInt16BE(position) / 0xffff;
    position += 2;
    return value;
  };
}

function shapes(draw: () => number, width: number, height: number): string {
  const count = 6 + Math.floor(draw() * 8);
  return Array.from({ length: count }, () => {
    const x = Math.round(draw() * width);
    const y = Math.round(draw() * height);
    const size = Math.round((0.05 + draw() * 0.2) * Math.min(width, height));
    const fill = `fill="hsl(${Math.floor(draw() * 360)}, 80%, 60%)" fill-opacity="${(0.3 + draw() * 0.5).toFixed(2)}"`;
    const turn = `transform="rotate(${Math.floor(draw() * 360)} ${x} ${y})"`;
    return draw() < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${size}" ${fill}/>`
      : `<rect x="${x}" y="${y}" width="${size * 2}" height="${size}" ${fill} ${turn}/>`;
  }).join('\n');
}
