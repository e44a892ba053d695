import { constants } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedServer } from '../../launch/embedded-server.js';
import type { Settings } from '../../src/config/index.js';
import { getTemplate, runFolder, scratchSettings, type SettingsTree } from './scratch-templates.js';

export interface ScratchServerOptions {
  /** False: a server with nothing but its own root account. */
  initialised?: boolean;
  /** Laid over the settings, by their names in code: `{ dispatch: { leaseTtlMs: 500 } }`. */
  overrides?: SettingsTree;
}

export interface ScratchServer {
  adminDsn: string;
  settings: Settings;
  /** The server's own data folder. */
  dataDir: string;
  /** The same server, settings differing in a few places: a second process of one installation, for example. */
  settingsWith(overrides: SettingsTree): Settings;
  /** Stops the server and keeps its data; `resume` starts it again under the same address. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A real database server of this test's own, gone with `stop()`; never one that people use. */
export async function startScratchServer(options: ScratchServerOptions = {}): Promise<ScratchServer> {
  const template = await getTemplate((options.initialised ?? true) ? 'initialised' : 'blank');
  const folder = await mkdtemp(join(runFolder(), 's-'));
  const dataDir = join(folder, 'mysql');
  await cp(template, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const start = () => startEmbeddedServer({ dataDir, purpose: 'test' });
  let server = await start();
  const settingsWith = (overrides: SettingsTree) => scratchSettings(folder, server.socketPath, overrides);
  return {
    adminDsn: server.adminDsn,
    settings: settingsWith(options.overrides ?? {}),
    dataDir,
    settingsWith,
    suspend: () => server.stop(),
    resume: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
