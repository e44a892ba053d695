import { userInfo } from 'node:os';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { runCommand } from '../../support/run-command.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

describe('the commands of those who run the installation', () => {
  let server: ScratchServer;
  let database: Connection;

  beforeAll(async () => {
    server = await startScratchServer();
    database = await createConnection(server.adminDsn);
    await database.query(`USE \`${server.settings.mysql.admin.database}\``);
  });

  afterAll(async () => {
    await database.end();
    await server.stop();
  });

  const run = (...commandLine: string[]) => runCommand(commandLine, server.settings);

  it('nodes:add and nodes:list show what is registered', async () => {
    expect(await run('nodes:add', 'http://gpu:8188', '--name', 'GPU 1')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('node-gpu-8188 (http://gpu:8188) is registered'),
    });
    expect((await run('nodes:list')).stdout).toMatch(/node-gpu-8188 +http:\/\/gpu:8188 +offline/);
    expect(await run('nodes:add', 'http://gpu:8188')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('registered already, as node-gpu-8188'),
    });
  });

  it('nodes:token gives a node a token, and a new one each time', async () => {
    const tokens = [await run('nodes:token', 'node-gpu-8188'), await run('nodes:token', 'node-gpu-8188')];
    for (const { exitCode, stdout } of tokens) {
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^cwsn_node-gpu-8188~[\w-]{43}\n$/);
    }
    expect(tokens[0]!.stdout).not.toBe(tokens[1]!.stdout);
    expect(await run('nodes:token', 'nobody')).toMatchObject({ exitCode: 1, stderr: 'There is no node nobody.\n' });
  });

  it('users:create makes a user, whose password it shows or is told', async () => {
    const shown = await run('users:create', 'ann', '--quota', '7');
    expect(shown).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/may run 7 tasks a day[^]*this once: \w{16}/),
    });
    expect(await run('users:create', 'ann')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('"ann"') });
    const told = await runCommand(['users:create', 'bob', '--password-stdin'], server.settings, 'short\n');
    expect(told).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('8 to 200 characters') });
  });

  it('admin:create makes an admin of a known role', async () => {
    const told = await runCommand(
      ['admin:create', 'ada', '--role', 'admin', '--password-stdin'],
      server.settings,
      'correct horse\n',
    );
    expect(told).toEqual({ exitCode: 0, stdout: 'Admin ada has the role admin.\n', stderr: '' });
    expect(await run('admin:create', 'bo', '--role', 'root')).toMatchObject({
      exitCode: 1,
      stderr: '--role holds "root"; it may hold viewer, operator, admin, super_admin.\n',
    });
  });

  it('admin:list shows accounts, and admin:reset-password and admin:reset-totp let back in who is shut out', async () => {
    await database.query(
      `UPDATE admin_users SET status = 'locked', locked_until = NOW(3) + INTERVAL 1 HOUR, totp_secret = 'x',
         totp_confirmed_at = NOW(3) WHERE username = 'ada'`,
    );
    expect((await run('admin:list')).stdout).toMatch(/ada +admin +locked +\d{4}-\S+Z +yes +never/);
    const reset = await run('admin:reset-password', 'ada');
    expect(reset).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/this once: \w{16}[^]*reset-totp ada/) });
    expect((await run('admin:reset-totp', 'ada')).stdout).toContain('no second factor');
    expect((await run('admin:list')).stdout).toMatch(/ada +admin +active +- +no +never/);
    expect(await run('admin:reset-password', 'nobody')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('There is no admin nobody'),
    });
  });

  it('workflows:import publishes what is new, and says so', async () => {
    const first = await run('workflows:import');
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('test_pattern: published as version 1.'),
    });
    expect((await run('workflows:import')).stdout).toBe(
      ['sd_basic', 'sdxl_basic', 'test_pattern', 'Wan2.1 i2v'].map((name) => `${name}: unchanged.\n`).join(''),
    );
  });

  it('leave in the audit log what they changed, and who ran them', async () => {
    expect(await run('nodes:remove', 'node-gpu-8188')).toMatchObject({ exitCode: 0 });
    const [rows] = await database.query<RowDataPacket[]>('SELECT actor, action, target_id FROM audit_logs ORDER BY id');
    expect(new Set(rows.map(({ actor }) => actor as string))).toEqual(new Set([`command:${userInfo().username}`]));
    const done = rows.map((row) => `${row.action} ${row.target_id}`);
    expect(done).toEqual([
      'node.register node-gpu-8188',
      'node.token node-gpu-8188',
      'node.token node-gpu-8188',
      'user.create ann',
      'admin.create ada',
      'admin.change ada',
      'admin.password_reset ada',
      'admin.totp_off ada',
      ...['sd_basic', 'sdxl_basic', 'test_pattern', 'Wan2.1 i2v'].map((name) => `workflow.import ${name}`),
      'node.remove node-gpu-8188',
    ]);
  });

  it('jobs:run runs what runs by the clock, and jobs:list shows how it went', async () => {
    expect(await run('jobs:run', 'hourly-statistics')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^The job hourly-statistics is done after \d+ ms\.\n {2}hours: 26\n/),
    });
    const { stdout } = await run('jobs:list');
    expect(stdout).toMatch(/hourly-statistics +every hour at minute 2 .* done +\d+ /);
    expect(stdout).toMatch(/nightly-statistics +every day at 01:40 UTC +\S+Z +never/);
  });

  it('jobs:run says what it is told wrongly, and what it is for', async () => {
    expect(await run('jobs:run', 'reconcile', '--option', 'from')).toMatchObject({
      exitCode: 1,
      stderr: '--option holds "from"; write it as key=value.\n',
    });
    expect((await run('jobs:run', '--help')).stdout).toContain('--option <key=value>');
  });
});
