import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { fromSharp, toSharp, type RawImage } from './raw-image.js';

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
    ${caption(scene, width, height, index)}
  </svg>`;
  return fromSharp(sharp(Buffer.from(svg)).removeAlpha());
}

/** Writes the prompt and seed of a scene over a picture: the first frame of a video. */
export async function captionImage(image: RawImage, scene: Scene): Promise<RawImage> {
  const { width, height } = image;
  const text = caption(scene, width, height, 0);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${text}</svg>`;
  return fromSharp(
    toSharp(image)
      .composite([{ input: Buffer.from(svg) }])
      .removeAlpha(),
  );
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

function caption({ prompt, seed }: Scene, width: number, height: number, index: number): string {
  const fontSize = Math.max(8, Math.round(width / 26));
  const perLine = Math.max(8, Math.floor((width * 0.94) / (fontSize * 0.6)));
  const lines = [...wrap(prompt, perLine).slice(0, 3), `seed ${seed} · ${width}×${height} · #${index + 1}`];
  const bandHeight = Math.round(fontSize * 1.3 * lines.length + fontSize * 0.5);
  const top = height - bandHeight;
  const text = lines.map((line, row) => {
    const y = Math.round(top + fontSize * 1.3 * (row + 1));
    return `<text x="${Math.round(width * 0.03)}" y="${y}">${escapeXml(line)}</text>`;
  });
  return `<rect y="${top}" width="${width}" height="${bandHeight}" fill="black" fill-opacity="0.6"/>
    <g font-family="monospace" font-size="${fontSize}" fill="white">${text.join('')}</g>`;
}

function wrap(text: string, perLine: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= perLine) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, perLine));
  }
  return lines;
}

function escapeXml(text: string): string {
  // Control characters are not allowed in XML at all.
  // eslint-disable-next-line no-control-regex
  const printable = text.replaceAll(/[\u0000-\u001f]/g, ' ');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
