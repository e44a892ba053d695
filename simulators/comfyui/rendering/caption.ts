import { createRequire } from 'node:module';
import sharp from 'sharp';
import { fromSharp, toSharp, type RawImage } from './raw-image.js';

/** Brought along, not the system's: a bare machine has no fonts and would write boxes. */
const FONT_FILE = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf');
/** Width of a letter of this font, as a share of its size. */
const LETTER_WIDTH = 0.602;
const MAX_PROMPT_LINES = 3;

export interface Caption {
  prompt: string;
  seed: number;
  index: number;
}

/** Writes the prompt, seed and size over the lower end of a picture. */
export async function writeCaption(image: RawImage, { prompt, seed, index }: Caption): Promise<RawImage> {
  const { width, height } = image;
  const fontSize = Math.max(8, Math.round(width / 26));
  const perLine = Math.max(8, Math.floor((width * 0.94) / (fontSize * LETTER_WIDTH)));
  const lines = [
    ...wrap(prompt, perLine).slice(0, MAX_PROMPT_LINES),
    `seed ${seed} · ${width}×${height} · #${index + 1}`,
  ];
  const bandHeight = Math.min(height, Math.round(fontSize * 1.3 * lines.length + fontSize * 0.5));
  const top = height - bandHeight;
  const text = await drawText(lines, fontSize, { width: Math.floor(width * 0.97), height: bandHeight });
  const band = { width, height: bandHeight, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0.6 } };
  const captioned = toSharp(image).composite([
    { input: { create: band }, left: 0, top },
    { input: text, left: Math.round(width * 0.03), top: Math.min(height - 1, top + Math.round(fontSize * 0.4)) },
  ]);
  return fromSharp(captioned.removeAlpha());
}

/** White on nothing, cut to what fits. */
async function drawText(lines: string[], fontSize: number, most: { width: number; height: number }): Promise<Buffer> {
  const text = `<span foreground="white">${lines.map(escapeMarkup).join('\n')}</span>`;
  const font = `DejaVu Sans Mono ${fontSize}px`;
  const drawn = sharp({ text: { text, font, fontfile: FONT_FILE, rgba: true, dpi: 72 } });
  const { data, info } = await drawn.png().toBuffer({ resolveWithObject: true });
  const width = Math.min(info.width, most.width);
  const height = Math.min(info.height, Math.max(1, most.height - Math.round(fontSize * 0.4)));
  return sharp(data).extract({ left: 0, top: 0, width, height }).png().toBuffer();
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

function escapeMarkup(text: string): string {
  // Control characters are not allowed in markup at all.
  // eslint-disable-next-line no-control-regex
  const printable = text.replaceAll(/[\u0000-\u001f]/g, ' ');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
