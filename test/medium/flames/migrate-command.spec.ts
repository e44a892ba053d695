import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeLegacyFiles } from '../../factories/legacy-files.factory.js';
import { makeTaskLogs } from '../../factories/task-log.factory.js';
import { runCommand } from '../../support/run-command.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

describe('flames:migrate-files (real: the program and the database)', () => {
  let server: ScratchServer;
  let folder: string;

  beforeAll(async () => {
    server = await startScratchServer();
    folder = join(server.settings.dataDir, 'old');
    writeLegacyFiles(folder, { taskId: 't1', logs: makeTaskLogs(3) });
    appendFileSync(join(folder, 'Flames_t1_predicted.jsonl'), 'nonsense\n');
  });

  afterAll(() => server.stop());

  const run = (...options: string[]) => runCommand(['flames:migrate-files', ...options], server.settings);

  it('says what it would do, does it, and does nothing the second time', async () => {
    const said = (added: number, verb: string) => ({
      exitCode: 0,
      stderr: '',
      stdout:
        `t1: 3 row(s), ${added} new, 0 failed request(s), 1 bad line(s).\n  line 4 is not a JSON object\n` +
        `1 task(s): ${added} row(s) ${verb}, 1 bad line(s).\n`,
    });
    expect(await run(folder, '--dry-run')).toEqual(said(3, 'would be added'));
    expect(await run(folder)).toEqual(said(3, 'added'));
    expect(await run(folder)).toEqual(said(0, 'added'));
  });

  it('fails where there is no such folder', async () => {
    expect(await run('/nowhere')).toEqual({ exitCode: 1, stdout: '', stderr: '/nowhere is not a folder.\n' });
  });
});
