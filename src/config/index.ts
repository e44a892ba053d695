export { ConfigModule, SETTINGS } from './config.module.js';
export { loadSettings, type SettingsSources } from './load-settings.js';
export { DATABASE_USERS, generatePassword, withSecrets, writePrivateFile, type DatabaseUser } from './secrets.js';
export { SettingsError } from './settings.error.js';
export { ROLES, SettingsSchema, type DatabaseSettings, type Role, type Settings } from './settings.schema.js';
export { type TaskTypes, type WorkflowConfig } from './task-types.schema.js';
