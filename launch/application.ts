import type { Settings } from '../src/config/index.js';

/** What starting needs of the application; the rest of it is reached over HTTP. */
export interface Application {
  url: string;
  close(): Promise<void>;
  /** True where the user was made, false where one of that name (for admins: any) was there. */
  createClientUserIfAbsent(username: string, password: string): Promise<boolean>;
  createAdminIfAbsent(username: string, password: string): Promise<boolean>;
  countNodes(): Promise<number>;
  /** Adds the node, or gives a known one its new address. */
  registerNode(node: { nodeId: string; name: string; url: string; maxConcurrent: number }): Promise<void>;
}

/** Loaded late: a wrong setting or a missing server is told in milliseconds, without loading the application first. */
export async function startApplication(settings: Settings): Promise<Application> {
  const application = await import('../src/main.js');
  return application.startApplication(settings);
}
