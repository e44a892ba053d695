import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { NotFoundError } from '../../common/index.js';
import { renderPicture } from './render-picture.js';
import type { RenditionVariant } from './renditions.service.js';

const run = promisify(execFile);
const LONGEST_MS = 120_000;

/** What ffmpeg makes of a video: the first frame as PNG, or a WebP that moves, small enough for a page. */
const OUTPUTS = {
  still: { name: 'frame.png', options: ['-frames:v', '1'] },
  moving: { name: 'moving.webp', options: ['-vf', "fps=16,scale='min(640,iw)':-2", '-loop', '0', '-t', '30', '-an'] },
};

/** A WebP of a video's first frame or of all of it. Needs ffmpeg; throws 404 with the cure where it is missing. */
export async function renderVideo(
  source: Readable,
  variant: RenditionVariant,
  program = 'ffmpeg',
): Promise<Buffer | undefined> {
  const { name, options } = variant === 'animation' ? OUTPUTS.moving : OUTPUTS.still;
  const folder = await mkdtemp(join(tmpdir(), 'rendition-'));
  try {
    // A file and no pipe: the index of an mp4 often stands at its end.
    const [input, output] = [join(folder, 'video'), join(folder, name)];
    await pipeline(source, createWriteStream(input));
    await runFfmpeg(program, ['-v', 'error', '-nostdin', '-i', input, ...options, output]);
    const bytes = await readFile(output);
    return variant === 'animation' ? bytes : await renderPicture(bytes, variant);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runFfmpeg(program: string, options: string[]): Promise<void> {
  try {
    await run(program, options, { timeout: LONGEST_MS });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing
      ? 'Pictures of videos need ffmpeg on the server, which is not installed there.'
      : 'The video cannot be read.';
    throw new NotFoundError(message, isMissing ? 'FFMPEG_MISSING' : 'NO_RENDITION');
  }
}
