import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder a test run; scratch servers and their templates live in it and go with it (plain JavaScript: jest loads it untranslated). */
export default function makeRunFolder() {
  process.env.SCRATCH_RUN_DIR ??= mkdtempSync(join(tmpdir(), 'cws-test-'));
}
