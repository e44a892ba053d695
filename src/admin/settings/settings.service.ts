import { Injectable } from '@nestjs/common';
import { ConflictError, currentRequest, InvalidInputError, isSameContent, NotFoundError } from '../../common/index.js';
import { SettingsSchema } from '../../config/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { CHANGEABLE_SETTINGS, type ChangeableSetting } from './changeable-settings.js';
import type {
  SettingChangeView,
  SettingHistoryView,
  SettingListView,
  SettingSource,
  SettingView,
} from './setting.view.js';
import { checkValue, describeValues, readStored, toStored, typeOf, valueIn } from './setting-values.js';
import { SettingsOverlay } from './settings-overlay.service.js';
import { SettingsRepository, type SettingChangeRecord, type StoredSetting } from './settings.repository.js';

interface SettingState {
  value: unknown;
  is_default?: boolean;
}

/** What is kept of a change, in the audit log. */
interface KeptState extends SettingState {
  version: number;
}

/** Settings that are changed while the system runs: stored in `comfyui_admin`, checked as those of the file are. */
@Injectable()
export class SettingsService {
  private readonly builtIn = SettingsSchema.parse({});

  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly stored: SettingsRepository,
    private readonly overlay: SettingsOverlay,
    private readonly audit: AuditService,
  ) {}

  /** Those that may be changed in their order, then what an older installation left. */
  async list(): Promise<SettingListView> {
    const rows = await this.stored.list();
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const known = CHANGEABLE_SETTINGS.map((setting) => this.toView(setting, byKey.get(setting.key)));
    const unknown = rows.filter(({ key }) => !findSetting(key)).map(toUnknownView);
    return { settings: [...known, ...unknown], total: known.length + unknown.length };
  }

  async get(key: string): Promise<SettingView> {
    const { settings } = await this.list();
    const view = settings.find((setting) => setting.key === key);
    if (!view) throw notChangeable(key);
    return view;
  }

  /** Throws 422 for a value that it may not hold, 409 where it is no longer at `expectedVersion`. */
  async change(key: string, value: unknown, expectedVersion?: number): Promise<SettingView> {
    const setting = requireSetting(key);
    const checked = checkValue(setting, value);
    if (checked.problem !== undefined) {
      throw new InvalidInputError([{ field: 'value', message: `${key}: ${checked.problem}.` }], 'INVALID_SETTING');
    }
    return this.store(setting, { value: checked.value }, expectedVersion);
  }

  reset(key: string): Promise<SettingView> {
    return this.store(requireSetting(key), 'default');
  }

  async getHistory(key: string, limit: number, offset: number): Promise<SettingHistoryView> {
    requireSetting(key);
    const [changes, total] = await Promise.all([
      this.stored.listChanges(key, limit, offset),
      this.stored.countChanges(key),
    ]);
    return { changes: changes.map(toChangeView), total, limit, offset };
  }

  /** What it holds already is not stored again: its version stays the one that others rest their changes on. */
  private async store(setting: ChangeableSetting, change: { value: unknown } | 'default', expected?: number) {
    const { key, description, isPublic } = setting;
    await this.database.transaction(async (transaction) => {
      const row = await this.stored.lock(transaction, key);
      if (expected !== undefined && expected !== row.revision) throw changedMeanwhile(row);
      const text = change === 'default' ? null : toStored(change.value);
      const [old, wished] = [this.toState(setting, row.text), this.toState(setting, text)];
      if (isSameContent(old, wished)) return;
      const updatedBy = currentRequest()?.admin?.username ?? 'command';
      await this.stored.change(transaction, key, { text, type: typeOf(setting), description, isPublic, updatedBy });
      const before: KeptState = { ...old, version: row.revision };
      const after: KeptState = { ...wished, version: row.revision + 1 };
      const entry = { action: 'setting.change', targetType: 'setting', targetId: key, before, after };
      await this.audit.record(entry, transaction);
    });
    await this.overlay.refresh();
    return this.get(key);
  }

  private toState(setting: ChangeableSetting, text: string | null): SettingState {
    if (text === null) return { value: this.overlay.defaultOf(setting), is_default: true };
    const read = readStored(setting, text);
    return { value: read.problem === undefined ? read.value : text };
  }

  private toView(setting: ChangeableSetting, row: StoredSetting | undefined): SettingView {
    const read = row && row.text !== null ? readStored(setting, row.text) : undefined;
    const standard = this.overlay.defaultOf(setting);
    const isChanged = read !== undefined && read.problem === undefined;
    const isFromFile = standard !== valueIn(this.builtIn, setting);
    const source: SettingSource = isChanged ? 'database' : isFromFile ? 'file' : 'default';
    return {
      key: setting.key,
      value: isChanged ? read.value : standard,
      default: standard,
      source,
      type: typeOf(setting),
      schema: describeValues(setting),
      description: setting.description,
      effect: 'at once',
      is_public: setting.isPublic,
      unknown: false,
      problem: read?.problem === undefined ? null : `It holds ${row?.text}, which does not count: ${read.problem}.`,
      version: row?.revision ?? 0,
      // A row of version 0 was only locked.
      updated_at: row?.revision ? row.updatedAt.toISOString() : null,
      updated_by: row?.updatedBy ?? null,
    };
  }
}

function findSetting(key: string): ChangeableSetting | undefined {
  return CHANGEABLE_SETTINGS.find((setting) => setting.key === key);
}

function requireSetting(key: string): ChangeableSetting {
  const setting = findSetting(key);
  if (!setting) throw notChangeable(key);
  return setting;
}

function notChangeable(key: string): NotFoundError {
  const message = `No setting "${key.slice(0, 100)}" can be changed while the system runs; others stand in config.yaml.`;
  return new NotFoundError(message, 'SETTING_NOT_FOUND');
}

function changedMeanwhile({ key, revision, updatedBy }: StoredSetting): ConflictError {
  const message = `${key} was changed meanwhile by ${updatedBy ?? 'somebody'}; it is at version ${revision}. Read it again.`;
  return new ConflictError(message, 'SETTING_CHANGED');
}

/** Older programs kept keys of theirs here, some of which were secrets by whatever name: no value is shown. */
function toUnknownView(row: StoredSetting): SettingView {
  return {
    key: row.key,
    value: null,
    default: null,
    source: 'database',
    type: row.type,
    schema: null,
    description: null,
    effect: null,
    is_public: row.isPublic === 1,
    unknown: true,
    problem: null,
    version: row.revision,
    updated_at: row.updatedAt.toISOString(),
    updated_by: row.updatedBy,
  };
}

function toChangeView({ actor, before, after, changedAt }: SettingChangeRecord): SettingChangeView {
  const [from, to] = [before, after] as (Partial<KeptState> | null)[];
  return {
    changed_at: changedAt.toISOString(),
    changed_by: actor,
    value_before: from?.value ?? null,
    value_after: to?.value ?? null,
    is_reset: to?.is_default ?? false,
    version: to?.version ?? null,
  };
}
