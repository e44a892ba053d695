import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { CHANGEABLE_SETTINGS, type ChangeableSetting } from './changeable-settings.js';
import { putInto, readStored, valueIn } from './setting-values.js';
import { SettingsRepository, type StoredSetting } from './settings.repository.js';

/** How soon a change made in another process counts in this one. */
const SWEEP_MS = 2_000;

/**
 * Lays stored settings over the one Settings object that all parts of the process read: they change under those who
 * ask it, and nobody asks the database. A process that cannot read them goes on with what it has.
 */
@Injectable()
export class SettingsOverlay implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly defaults: Map<string, unknown>;
  /** The stored texts that count now; what did not change is not written again. */
  private readonly applied = new Map<string, string | null>();
  private readonly loop: BackgroundLoop;
  private lastRefresh = Promise.resolve();

  constructor(
    private readonly stored: SettingsRepository,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.defaults = new Map(CHANGEABLE_SETTINGS.map((setting) => [setting.key, valueIn(settings, setting)]));
    const round = () => this.refresh();
    this.loop = new BackgroundLoop({ name: 'settings', logger, sweepMs: SWEEP_MS, round });
  }

  /** Before anything is served. Without the database the start fails elsewhere, or works on the file alone. */
  async onModuleInit(): Promise<void> {
    await this.refresh().catch((err: unknown) => this.logger.warn({ err }, 'stored settings could not be read yet'));
  }

  onApplicationBootstrap(): void {
    // A command has no roles, and is over before anything could change.
    if (this.settings.server.roles.length > 0) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** What the file and the environment say, or the program itself where they say nothing. */
  defaultOf({ key }: ChangeableSetting): unknown {
    return this.defaults.get(key);
  }

  /** Waits for those before it, so that what was read earlier is never laid over what was read later. */
  refresh(): Promise<void> {
    const refreshed = this.lastRefresh.then(() => this.readAndApply());
    this.lastRefresh = refreshed.catch(() => undefined);
    return refreshed;
  }

  private async readAndApply(): Promise<void> {
    const stored = new Map((await this.stored.list()).map((row) => [row.key, row]));
    for (const setting of CHANGEABLE_SETTINGS) this.apply(setting, stored.get(setting.key));
  }

  private apply(setting: ChangeableSetting, row: StoredSetting | undefined): void {
    const text = row?.text ?? null;
    if (text === (this.applied.get(setting.key) ?? null)) return;
    this.applied.set(setting.key, text);
    const standard = this.defaultOf(setting);
    const read = text === null ? { value: standard } : readStored(setting, text);
    if (read.problem !== undefined) {
      const told = { setting: setting.key, stored: text, problem: read.problem, counts: standard };
      this.logger.error(told, 'a stored setting is invalid and does not count; its default does');
    } else {
      this.logger.info({ setting: setting.key, value: read.value, by: row?.updatedBy }, 'a setting has changed');
    }
    putInto(this.settings, setting, read.problem === undefined ? read.value : standard);
  }
}
