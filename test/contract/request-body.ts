import sharp from 'sharp';
import type { RecordedRequest } from './transcript.js';

/** Longer than what a server takes by default (100 MiB). */
const tooLongBytes = 101 * 1024 ** 2;

export async function bodyOf({ json, text, form }: RecordedRequest): Promise<string | FormData | undefined> {
  if (json) return JSON.stringify(json);
  if (!form) return text;
  const data = new FormData();
  for (const [name, part] of Object.entries(form)) {
    if (typeof part === 'string') data.append(name, part);
    else data.append(name, new Blob([await contentOf(part.content)], { type: 'image/png' }), part.filename);
  }
  return data;
}

async function contentOf(word: string): Promise<Uint8Array<ArrayBuffer>> {
  if (word === 'corrupt') return new TextEncoder().encode('this is not an image');
  if (word === 'zeros') return new Uint8Array(tooLongBytes);
  return picture(word);
}

/** A small picture, another one for each word; the mask has an alpha channel. */
async function picture(word: string): Promise<Uint8Array<ArrayBuffer>> {
  const colors: Record<string, string> = { first: '#ff0000', other: '#00ff00', mask: '#0000ff80' };
  const background = colors[word];
  if (!background) throw new Error(`No picture is known for ${word}`);
  const channels = word === 'mask' ? 4 : 3;
  return new Uint8Array(
    await sharp({ create: { width: 32, height: 24, channels, background } })
      .png()
      .toBuffer(),
  );
}
