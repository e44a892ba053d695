import { createConnection } from 'mysql2/promise';
import { readFileSync, cpSync } from 'node:fs';
import { initialiseDatabases } from '../../../src/operations/index.js';
import { startScratchServer } from '../../support/scratch-server.js';
it('survives', async () => {
  const end = performance.now() + 150_000; let runs = 0;
  while (performance.now() < end) {
    const s = await startScratchServer({ initialised: false });
    try {
      for (let i = 0; i < 3; i++) {
        await initialiseDatabases({ settings: s.settings, adminDsn: s.adminDsn }); runs++;
        const c = await createConnection(s.adminDsn);
        for (const d of ['comfyui_client', 'comfyui_admin', 'comfyui_shared', 'redteam-dra']) await c.query('DROP DATABASE `' + d + '`');
        await c.end();
      }
    } catch (e) { cpSync(s.dataDir + '.log', '/tmp/crash.log'); console.log(runs, (e as Error).message, readFileSync(s.dataDir + '.log', 'utf8').slice(-6000)); throw e; }
    await s.stop();
  }
  console.log('runs', runs);
}, 200_000);
