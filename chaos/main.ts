import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClosingStack } from '../launch/closing-stack.js';
import { explain } from '../launch/launch-error.js';
import { ChaosRun } from './chaos-run.js';

const USAGE = `npm run chaos -- [--seed N] [--minutes M] [--keep]

Puts load on three application processes, six simulated nodes and a database, kills and disturbs all of them by a
script that follows from the seed, and counts what was lost or doubled. Ends with 0 where nothing was.

  --seed N      the script of the faults (default: drawn, and printed)
  --minutes M   of load (default 5, at least 1); settling and counting take one or two more
  --keep        keeps the folder of the run where nothing is wrong, too`;
const LARGEST_SEED = 2 ** 31;

export async function main(argv: string[]): Promise<void> {
  const { seed, minutes, isKept } = readArguments(argv);
  const folder = await mkdtemp(join(tmpdir(), 'cws-chaos-'));
  const opened = new ClosingStack();
  const interrupted = new AbortController();
  // Every call of every client listens.
  setMaxListeners(0, interrupted.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interrupted.abort();
      void opened.closeAll().finally(() => process.exit(130));
    });
  const run = new ChaosRun({ folder, seed, minutes, opened, signal: interrupted.signal });
  const { isClean, summary } = await run.run().catch((error: unknown) => {
    return { isClean: false, summary: `NOT CLEAN: seed ${seed}, ${minutes} min; broke off: ${explain(error)}` };
  });
  await opened.closeAll().catch((error: unknown) => console.error(explain(error)));
  if (interrupted.signal.aborted) process.exit(130);
  if (isClean && !isKept) rmSync(folder, { recursive: true, force: true });
  else console.log(`Logs, tables and what was found lie in ${folder}.`);
  console.log(summary);
  process.exit(isClean ? 0 : 1);
}

function readArguments(argv: string[]): { seed: number; minutes: number; isKept: boolean } {
  const { values } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '5' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * LARGEST_SEED));
  const minutes = Number(values.minutes);
  if (values.help || !Number.isSafeInteger(seed) || seed < 0 || !(minutes >= 1)) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  return { seed, minutes, isKept: values.keep };
}
