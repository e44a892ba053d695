import type { INestApplicationContext } from '@nestjs/common';
import { ClientUsersService } from '../../../src/client/index.js';
import { dayInZone } from '../../../src/client/quota/day-in-zone.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { QuotaResetJob } from '../../../src/jobs/quota-reset.job.js';
import { noteSteadyRuns } from '../../support/note-steady-runs.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const ZONES = ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'];

describe('the reset of quota counters (real: MariaDB)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let client: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    client = app.get<Database>(databaseToken('client'), { strict: false });
    await noteSteadyRuns(app);
    for (const [index, zone] of ZONES.entries()) {
      await app.get(ClientUsersService).create({ username: `user${index}`, password: 'correct horse' });
      await client.run('UPDATE client_users SET time_zone = ? WHERE username = ?', [zone, `user${index}`]);
    }
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const run = () =>
    app
      .get(QuotaResetJob, { strict: false })
      .run({ signal: new AbortController().signal, dueAt: new Date(), options: {} });
  const users = () =>
    client.rows<{ zone: string; used: number; day: string }>(
      `SELECT time_zone AS zone, quota_used AS used, DATE_FORMAT(quota_reset_date, '%Y-%m-%d') AS day FROM client_users ORDER BY id`,
    );
  const today = (zone: string) => dayInZone(new Date(), zone);

  it("sets back what was used on a day that is over in the user's zone, and nothing of today", async () => {
    await client.run('UPDATE client_users SET quota_used = 7, quota_reset_date = ?', [today('Pacific/Pago_Pago')]);
    const isOver = (zone: string) => today('Pacific/Pago_Pago') < today(zone);
    const over = ZONES.filter(isOver);
    expect(over).toContain('Pacific/Kiritimati');

    expect(await run()).toEqual({ reset: over.length });

    expect(await users()).toEqual(
      ZONES.map((zone) => ({
        zone,
        used: isOver(zone) ? 0 : 7,
        day: isOver(zone) ? today(zone) : today('Pacific/Pago_Pago'),
      })),
    );
  });

  it('I9 heals days that a clock that was ahead wrote, and does nothing while it may be', async () => {
    const ahead = () =>
      client.run('UPDATE client_users SET quota_used = 3, quota_reset_date = UTC_DATE() + INTERVAL 40 DAY');
    await ahead();
    expect(await run()).toMatchObject({ reset: expect.any(Number) });
    expect((await users()).filter(({ day }) => day > today('Pacific/Kiritimati'))).toEqual([]);
    await ahead();
    const before = await users();
    const admin = app.get<Database>(databaseToken('admin'), { strict: false });
    await admin.run('DELETE FROM job_runs');
    expect(await run()).toMatchObject({ reset: 0, reason: expect.any(String) });
    expect(await users()).toEqual(before);
    await noteSteadyRuns(app);
  });

  it('changes nothing the second time', async () => {
    await run();
    const before = await users();
    expect(await run()).toEqual({ reset: 0 });
    expect(await users()).toEqual(before);
  });
});
