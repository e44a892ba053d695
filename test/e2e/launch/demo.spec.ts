import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { launch } from '../../support/launched-service.js';

describe('npm run demo (real: everything, on a data folder of its own)', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cws-demo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('saves eight pictures of the asked sizes, prints a table and ends with 0', async () => {
    const out = join(folder, 'pictures');
    const demo = launch('demo', ['--out', out], { DATA_DIR: join(folder, 'data'), PORT: '0' });
    const exitCode = await demo.ended;
    expect({ exitCode, output: demo.output() }).toMatchObject({ exitCode: 0 });
    const pictures = readdirSync(out).sort();
    expect(pictures).toHaveLength(8);
    for (const name of pictures) {
      const { format, width, height } = await sharp(join(out, name)).metadata();
      expect(format).toBe('png');
      expect(name).toContain(`${width}x${height}`);
    }
    expect(demo.output().match(/simulator-[12] /g)).toHaveLength(8);
  }, 180_000);
});
