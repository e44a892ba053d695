import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';

prepare();
const { main: obtainServer } = await import('../dist/launch/obtain-server.js');
if (obtainServer() !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'cws-report-'));
const report = join(folder, 'report.json');
const jest = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
const forwarded = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [...jest, '--json', `--outputFile=${report}`, ...forwarded], {
  stdio: ['ignore', 'ignore', 'inherit'], // --json writes the report to standard output as well
});
const { passed, failed, skipped } = readTotals();
rmSync(folder, { recursive: true, force: true });
// Their titles say why; a run that was narrowed leaves out many more.
if (forwarded.length === 0) for (const title of skipped) console.log(`skipped: ${title}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = status === 0 && failed === 0 ? 0 : 1;

/** A suite that does not load holds no test that could fail, so it counts as one; so does a run without a report. */
function readTotals() {
  try {
    const totals = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = totals.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'pending')
      .map(({ fullName }) => fullName);
    const failed = totals.numFailedTests + totals.numRuntimeErrorTestSuites;
    return { passed: totals.numPassedTests, failed, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}
