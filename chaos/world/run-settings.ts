import { join } from 'node:path';
import { loadSettings, type Settings } from '../../src/config/index.js';

const HALF_A_MINUTE = { minutes: 0.5, hours: 0.5 / 60 };
const BOUNDLESS = 10_000_000;

/**
 * Quick enough that losses and takeovers happen many times a run; the order of the times is as in production. Bytes are
 * kept for half a minute only, so that the sweep works while everything else is being killed. The reconciler keeps its
 * ten minutes: it is to repair little of what a shorter run is to find.
 */
export function runSettings(folder: string): Settings {
  return loadSettings({
    environment: {},
    file: '',
    overrides: {
      dataDir: join(folder, 'data'),
      auth: { defaultQuota: BOUNDLESS },
      limits: {
        requestsPerUser: BOUNDLESS,
        requestsPerAddress: BOUNDLESS,
        queuedPerUser: BOUNDLESS,
        runningPerUser: 1_000,
      },
      nodes: {
        simulated: 0,
        healthMs: 1_000,
        fastPollMs: 300,
        pollMs: 1_000,
        lostAfterMs: 4_000,
        postTimeoutMs: 3_000,
        requestTimeoutMs: 3_000,
      },
      dispatch: { leaseTtlMs: 3_000, leaseRenewMs: 700, sweepMs: 100, retryBaseMs: 200, cancelGraceMs: 15_000 },
      sync: { sweepMs: 100 },
      storage: { pinMinutes: HALF_A_MINUTE.minutes, keepUnreferencedHours: HALF_A_MINUTE.hours },
      jobs: { blobSweepMs: 3_000 },
    },
  });
}

/** What one application process is started with: its port, and its own way to the database. */
export function appSettings(settings: Settings, port: number, databasePort: number): Settings {
  const mysql = { ...settings.mysql };
  for (const name of ['client', 'admin', 'shared', 'flames'] as const)
    mysql[name] = { ...mysql[name], socketPath: '', host: '127.0.0.1', port: databasePort };
  return { ...settings, mysql, server: { ...settings.server, port } };
}
