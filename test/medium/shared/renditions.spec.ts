import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { findProgram } from '../../../launch/find-program.js';
import { MP4_CLIP } from '../../../simulators/comfyui/rendering/fixed-media.js';
import { BlobKeeper, RenditionsService } from '../../../src/shared/index.js';
import { TestClock } from '../../support/test-clock.js';
import { makePicture } from '../../support/upload.js';
import { BlobBench } from './blob-bench.js';

const YEAR_MS = 365 * 86_400_000;
/** Reported as skipped, by a title that says why, where there is no ffmpeg; .ci/run installs it. */
const withFfmpeg = findProgram(['ffmpeg']) ? it : it.skip;

describe('renditions of stored files (real: MariaDB, disk)', () => {
  let bench: BlobBench;
  let renditions: RenditionsService;

  beforeAll(async () => {
    bench = await BlobBench.open();
    renditions = bench.app.get(RenditionsService);
  });
  afterAll(() => bench.close());

  async function store(bytes: Buffer, mimeType: string) {
    const received = await bench.store.receive(Readable.from([bytes]));
    await bench.app.get(BlobKeeper).keep(received, mimeType, 'harvest');
    return { hash: received.hash, mimeType };
  }

  const rowsOf = (sourceHash: string) =>
    bench.database.rows('SELECT file_hash FROM blob_renditions WHERE source_hash = ?', [sourceHash]);

  it('are made once, however many ask at once, no larger than the page needs', async () => {
    const source = await store(await makePicture('png', 500), 'image/png');
    const made = await Promise.all(Array.from({ length: 5 }, () => renditions.get(source, 'thumbnail')));
    expect(new Set(made.map(({ hash }) => hash)).size).toBe(1);
    const bytes = await buffer(await bench.store.open(made[0]!.hash));
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 320, height: 320 });
    expect(await rowsOf(source.hash)).toHaveLength(1);
  });

  it('do not exist of sounds, of what cannot be read, and of still pictures that should move', async () => {
    const sources = [
      await store(randomBytes(9), 'audio/flac'),
      await store(randomBytes(9), 'image/png'),
      await store(await makePicture(), 'image/png'),
    ];
    for (const source of sources) {
      await expect(renditions.get(source, 'animation')).rejects.toMatchObject({ code: 'NO_RENDITION' });
    }
  });

  withFfmpeg('of videos show the first frame, and move (needs ffmpeg, skipped where it is not installed)', async () => {
    const source = await store(MP4_CLIP, 'video/mp4');
    const read = async (variant: 'thumbnail' | 'poster' | 'animation') => {
      const { hash, mimeType } = await renditions.get(source, variant);
      expect(mimeType).toBe('image/webp');
      return buffer(await bench.store.open(hash));
    };
    for (const variant of ['thumbnail', 'poster'] as const) {
      const { format, width, height, pages = 1 } = await sharp(await read(variant)).metadata();
      expect([format, width, height, pages]).toEqual(['webp', 64, 48, 1]);
      // The test picture's bars: a frame that could not be decoded would be of one colour.
      expect((await sharp(await read(variant)).stats()).entropy).toBeGreaterThan(1);
    }
    const { format, width, pageHeight, pages, delay, loop } = await sharp(await read('animation'), {
      animated: true,
    }).metadata();
    expect([format, width, pageHeight, loop]).toEqual(['webp', 64, 48, 0]);
    expect(pages).toBeGreaterThan(4);
    // As long as the clip itself, to a frame.
    const lengthMs = delay!.reduce((sum, ms) => sum + ms, 0);
    expect(lengthMs).toBeGreaterThan(850);
    expect(lengthMs).toBeLessThan(1_150);
  });

  withFfmpeg(
    'of videos that cannot be read do not exist (needs ffmpeg, skipped where it is not installed)',
    async () => {
      const source = await store(MP4_CLIP.subarray(0, 600), 'video/mp4');
      for (const variant of ['poster', 'animation'] as const) {
        await expect(renditions.get(source, variant)).rejects.toMatchObject({ code: 'NO_RENDITION' });
      }
    },
  );

  it('I19 go with their source, and not before', async () => {
    const source = await store(await makePicture(), 'image/png');
    const { hash } = await renditions.get(source, 'poster');
    const later = new TestClock();
    later.advance(YEAR_MS);
    const until = later.now();
    const mark = (of: string) => bench.database.transaction((marking) => bench.blobs.markDeleting(marking, of, until));
    expect(await mark(hash)).toBe(false);
    expect(await mark(source.hash)).toBe(true);
    await bench.database.transaction((removal) => bench.blobs.drop(removal, source.hash));
    expect(await rowsOf(source.hash)).toEqual([]);
    expect(await mark(hash)).toBe(true);
  });
});
