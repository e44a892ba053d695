import { Readable } from 'node:stream';
import { renderVideo } from './render-video.js';

describe('renderVideo', () => {
  it.each(['thumbnail', 'poster', 'animation'] as const)(
    'says what is missing for a %s without ffmpeg',
    async (variant) => {
      const rendering = renderVideo(Readable.from([Buffer.from('a video')]), variant, '/nowhere/ffmpeg');
      await expect(rendering).rejects.toMatchObject({
        code: 'FFMPEG_MISSING',
        message: expect.stringContaining('ffmpeg'),
      });
    },
  );
});
