// `npm run bench -- <name>`: a figure beside its yardstick, from one run on this machine.
import { prepare } from './prepare.mjs';

const benches = {
  submit: 'submits, beside a bare server that writes the same rows',
  dispatch:
    'from submit to node and back, over 1, 10 and 100 nodes; the queue beside BullMQ ([nodes] [core] [plan] [--large])',
  flames: 'evaluations: length of a run, log rows in and out, reports ([insert] [report] [runs] [download] [--large])',
  read: 'status polls and lists, beside a bare server that does one SELECT',
};

const [name, ...options] = process.argv.slice(2);
if (!Object.hasOwn(benches, name ?? '')) {
  console.error('usage: npm run bench -- <name>\n');
  for (const [known, what] of Object.entries(benches)) console.error(`  ${known.padEnd(9)} ${what}`);
  process.exit(2);
}

prepare();
const { main } = await import(`../dist/bench/${name}.js`);
await main(options);
