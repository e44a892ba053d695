// `npm run prove -- <name> [N]`: a test that `npm test` runs once, N times over, with the counts at the end.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

/** `counts`: the test itself takes N from PROVE_ROUNDS and prints what it counted; others are run N times. */
const proofs = {
  kill: {
    what: 'the program killed at every named moment of a task, upload or webhook',
    path: 'test/chaos/kill-points',
    counts: true,
  },
  converge: { what: 'events in any order between two databases', path: 'test/medium/sync/converge', counts: true },
  takeover: {
    what: 'the owner of a long task, and of an evaluation, is killed: another goes on within 15 s',
    path: 'test/chaos/.*takeover',
    counts: true,
  },
  owners: { what: 'two processes: killed, frozen, stopped', path: 'test/chaos/two-processes', counts: true },
  'two-processes': {
    what: 'N minutes with two processes, killed in turn: each minute and each hour is counted once',
    path: 'test/chaos/minutes-and-hours',
    counts: true,
  },
  fleet: { what: 'forty tasks on two nodes, one of which stops half-way', path: 'test/e2e/fleet' },
  faults: { what: 'nodes that fail in every way a simulator knows', path: 'test/e2e/node-faults' },
  fuzz: { what: 'N requests a route, made from the description of the API', path: 'test/e2e/fuzz', counts: true },
  retention: {
    what: 'N log rows (2000000) cleaned up while 200 inserts a second go on',
    path: 'test/medium/jobs/log-retention',
    counts: true,
    times: '2000000',
  },
  statistics: {
    what: 'figures of a month of N tasks against plain counts of their rows, and how fast they are told',
    path: 'test/medium/statistics/month',
    counts: true,
    times: '1000000',
  },
  start: { what: 'npm start, killed with -9 and started again', path: 'test/e2e/launch/start' },
};

const [name, given] = process.argv.slice(2);
const times = given ?? proofs[name]?.times ?? '10';
if (!Object.hasOwn(proofs, name ?? '') || !/^[1-9]\d*$/.test(times)) {
  console.error('usage: npm run prove -- <name> [N = 10]\n');
  for (const [known, { what }] of Object.entries(proofs)) console.error(`  ${known.padEnd(13)} ${what}`);
  process.exit(2);
}

prepare();
const { path, counts } = proofs[name];
process.exitCode = counts ? runOnce() : runAgainAndAgain();

function runOnce() {
  const env = { ...process.env, PROVE_ROUNDS: times };
  return spawnSync(process.execPath, ['scripts/test.mjs', path], { stdio: 'inherit', env }).status;
}

function runAgainAndAgain() {
  let failed = 0;
  for (let round = 1; round <= Number(times); round += 1) {
    const { status } = spawnSync(process.execPath, ['scripts/test.mjs', path], { stdio: 'ignore' });
    failed += status === 0 ? 0 : 1;
    console.log(`round ${round} of ${times}: ${status === 0 ? 'passed' : 'FAILED'}`);
  }
  console.log(`${Number(times) - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
