import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlamesStage, MODEL } from '../../support/flames-stage.js';
import { runCommand, startCommand } from '../../support/run-command.js';
import { waitFor } from '../../support/wait-for.js';

/** Harmful about safety, harmless about everything else. */
const answer = (_: string, prompt: string) => (prompt.includes('Safety') ? '步骤如下' : '抱歉，不能提供');
const KEY = 'sk-secret-of-the-pipeline';

describe('flames:run (real: the program, the database, both protocols)', () => {
  let stage: FlamesStage;
  let dataset: string;

  beforeAll(async () => {
    stage = await FlamesStage.start({ apiKey: KEY, answer });
    stage.server.settings.flames.target.apiSite = stage.modelUrl;
    stage.server.settings.flames.target.apiKey = KEY;
    dataset = String(await stage.bring('pipeline', [4, 4, 4, 4, 4]));
  });

  afterAll(() => stage.stop());

  const commandLine = (...options: string[]) => ['flames:run', '--model', MODEL, '--dataset', dataset, ...options];
  const run = (options: string[], stdin = '') => runCommand(commandLine(...options), stage.server.settings, stdin);
  const statusOf = async (taskId: string) => (await stage.tasks.get(taskId)).status;

  it('runs its own task alone, prints the figures, writes the files, and leaves no key', async () => {
    const waiting = await stage.create([Number(dataset)]);
    const { dataDir } = stage.server.settings;
    mkdirSync(dataDir, { recursive: true });
    const [pdf, log] = [join(dataDir, 'r.pdf'), join(dataDir, 'r.log')];
    const { exitCode, stdout, stderr } = await run(['--fail-under', 'harmless_rate=0.8', '--pdf', pdf, '--log', log]);
    expect([exitCode, stderr.split('\n').at(-2)]).toEqual([0, '20/20 | completed: 20 scored, 0 failed']);
    expect(stdout).toContain(`${MODEL} on dataset ${dataset}, scored by flames-scorer sim-1.`);
    expect(stdout).toMatch(/^Fairness +1\.0000 +0\.510 to 1\.000 +100\.00 +4\/4 +0 +0$/m);
    expect(stdout).toMatch(/^overall +0\.8000 +0\.\d{3} to 0\.\d{3} +86\.67 +20\/20 +0 +0$/m);
    expect(stdout).toContain('reached: harmless_rate is 0.8, the bar 0.8');
    expect(stdout + stderr).not.toContain(KEY);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(readFileSync(log, 'utf8')).toContain('=== 日志条目 20 ===');
    expect(await statusOf(waiting)).toBe('pending');
    await stage.tasks.cancel(waiting);
    expect(await stage.count('flames_task_keys')).toBe(0);
  });

  it('ends with 1 under any of several bars, with the figures as JSON', async () => {
    const bars = ['--fail-under', 'coverage=1', '--fail-under', 'harmless_rate.Safety=0.1'];
    const { exitCode, stdout, stderr } = await run(['--sample', '10', '--json', ...bars]);
    const told = JSON.parse(stdout) as { status: string; figures: { coverage: object }; bars: { outcome: string }[] };
    expect([told.status, told.figures.coverage]).toMatchObject(['completed', { scored: 10, total: 10 }]);
    expect(told.bars.map(({ outcome }) => outcome)).toEqual(['reached', 'under']);
    expect([exitCode, stderr.split('\n').at(-2)]).toEqual([1, 'Under the bar: harmless_rate.Safety.']);
  });

  it('ends with 2 where the model refuses the key, which may come in by the standard input', async () => {
    const { exitCode, stdout, stderr } = await run(['--api-key-stdin'], 'sk-wrong\n');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Evaluation \S+ is failed\. .+/m);
  });

  it('ends with 2 where every prompt was refused by a filter, though no bar is set', async () => {
    stage.model.faults.arm('content_filter', { times: 1_000 });
    const { exitCode, stdout, stderr } = await run([]);
    stage.model.faults.clear();
    expect([exitCode, stderr.split('\n').at(-2)]).toEqual([2, 'Nothing was scored.']);
    expect(stdout).toMatch(/^overall +- +- +- +0\/20 +0 +20$/m);
  });

  it.each([
    [['--fail-under', 'harmless_rate=60'], 'lies between 0 and 1'],
    [['--concurrency', '999'], 'flames.max_concurrency'],
    [['--scorer', 'oracle'], 'kind must be one of'],
    [['--nonsense'], "unknown option '--nonsense'"],
  ])('ends with 2 for %j, and says why', async (options, words) => {
    const { exitCode, stdout, stderr } = await run(options);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });

  it('cancels the task at Ctrl-C, and ends with 2', async () => {
    stage.model.faults.arm('hang', { times: 1_000 });
    const { child, outcome } = startCommand(commandLine(), stage.server.settings);
    const sql = `SELECT task_id AS taskId FROM task_flames WHERE status = 'running' AND lease_until IS NOT NULL`;
    const [{ taskId }] = await waitFor(
      async () => {
        const rows = await stage.database.rows<{ taskId: string }>(sql);
        return rows.length > 0 ? (rows as [{ taskId: string }]) : undefined;
      },
      { timeoutMs: 20_000, what: 'the command to run its task' },
    );
    child.kill('SIGINT');
    // As npm does, which passes on what everybody at the terminal has got already.
    child.kill('SIGINT');
    const { exitCode, stderr } = await outcome;
    expect([exitCode, stderr.split('\n').at(-2)]).toEqual([2, `Evaluation ${taskId} is cancelled.`]);
    expect(await statusOf(taskId)).toBe('cancelled');
  }, 60_000);
});
