import { rmSync } from 'node:fs';

export default function removeRunFolder() {
  if (process.env.SCRATCH_RUN_DIR) rmSync(process.env.SCRATCH_RUN_DIR, { recursive: true, force: true, maxRetries: 5 });
  delete process.env.SCRATCH_RUN_DIR;
}
