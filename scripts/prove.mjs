// `npm run prove -- <name> [N]`: a test that `npm test` runs once, N times over, with the counts at the end.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

const proofs = {
  fleet: ['forty tasks of two users on two nodes, one of which stops half-way', 'test/e2e/fleet.spec.ts'],
  faults: ['nodes that fail in every way a simulator knows', 'test/e2e/node-faults.spec.ts'],
  start: ['npm start, killed with -9 and started again', 'test/e2e/launch/start.spec.ts'],
};

const [name, times = '10'] = process.argv.slice(2);
if (!Object.hasOwn(proofs, name ?? '') || !/^[1-9]\d*$/.test(times)) {
  console.error('usage: npm run prove -- <name> [N = 10]\n');
  for (const [known, [what]] of Object.entries(proofs)) console.error(`  ${known.padEnd(8)} ${what}`);
  process.exit(2);
}

prepare();
let failed = 0;
for (let round = 1; round <= Number(times); round += 1) {
  const { status } = spawnSync(process.execPath, ['scripts/test.mjs', proofs[name][1]], { stdio: 'ignore' });
  failed += status === 0 ? 0 : 1;
  console.log(`round ${round} of ${times}: ${status === 0 ? 'passed' : 'FAILED'}`);
}
console.log(`${Number(times) - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
