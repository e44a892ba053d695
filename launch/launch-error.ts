import { SettingsError } from '../src/config/index.js';

/** Something its reader can cure: printed as it is, without a stack. */
export class LaunchError extends Error {}

export function explain(error: unknown): string {
  if (error instanceof LaunchError || error instanceof SettingsError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
