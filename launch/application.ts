import type { Settings } from '../src/config/index.js';
import type { RunningApplication } from '../src/main.js';

/** What starting needs of the application; the rest of it is reached over HTTP. */
export type Application = RunningApplication;

/** Loaded late: a wrong setting or a missing server is told in milliseconds, without loading the application first. */
export async function startApplication(settings: Settings): Promise<Application> {
  const application = await import('../src/main.js');
  return application.startApplication(settings);
}
