import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, pidsWith, waitUntilServing, type Launched } from '../../support/launched-service.js';
import { waitFor } from '../../support/wait-for.js';

describe('npm start (real: everything, on a data folder of its own)', () => {
  let folder: string;
  const running: Launched[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cws-start-'));
  });
  afterAll(async () => {
    for (const { process: child, ended } of running) {
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (environment: NodeJS.ProcessEnv = {}) => {
    const launched = launch('start', [], { DATA_DIR: folder, PORT: '0', ...environment });
    running.push(launched);
    return launched;
  };
  const health = async (url: string) => (await fetch(`${url}/api/health`)).status;
  const childrenOnThisFolder = () =>
    pidsWith(
      folder,
      readdirSync('/proc')
        .map(Number)
        .filter((pid) => pid > 0 && !running.some(({ process: child }) => child.pid === pid)),
    );

  it('comes up on a bare data folder, says where, and shows the first passwords once', async () => {
    const launched = start();
    expect(await health(await waitUntilServing(launched))).toBe(200);
    const file = join(folder, 'first-run.json');
    const { client, admin } = JSON.parse(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(launched.output()).toContain(client.password);
    expect(launched.output()).toContain(admin.password);
    expect(launched.output()).toMatch(/2 SIMULATED/);
  });

  it('refuses a second service on the same data folder and names the first', async () => {
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`process ${running[0]!.process.pid}`);
    expect(second.output()).not.toMatch(/\n\s+at /);
  });

  it('comes up again after kill -9, which left no process behind', async () => {
    running[0]!.process.kill('SIGKILL');
    await running[0]!.ended;
    await waitFor(() => childrenOnThisFolder().length === 0, { what: 'the killed service to leave no process' });
    const again = start();
    expect(await health(await waitUntilServing(again))).toBe(200);
    expect(again.output()).not.toContain(
      JSON.parse(readFileSync(join(folder, 'first-run.json'), 'utf8')).client.password,
    );
  });

  it('closes everything on SIGTERM and ends with 0', async () => {
    const last = running.at(-1)!;
    last.process.kill('SIGTERM');
    expect(await last.ended).toBe(0);
    expect(childrenOnThisFolder()).toEqual([]);
  });

  it('says which port is taken and how to choose another', async () => {
    const other = createServer();
    const port = await new Promise<number>((listening) =>
      other.listen(0, '127.0.0.1', () => listening((other.address() as { port: number }).port)),
    );
    const launched = start({ PORT: String(port) });
    expect(await launched.ended).toBe(1);
    other.close();
    expect(launched.output()).toMatch(new RegExp(`Port ${port} .* is in use .* PORT=${port + 1} npm start`));
  });

  it('tells a wrong setting in one message', async () => {
    const launched = start({ MYSQL_CLIENT_POOL_SIZE: 'many' });
    expect(await launched.ended).toBe(1);
    expect(launched.output()).toMatch(/mysql\.client\.pool_size \(from MYSQL_CLIENT_POOL_SIZE\) holds "many"/);
    expect(launched.output()).not.toMatch(/\n\s+at /);
  });
});
