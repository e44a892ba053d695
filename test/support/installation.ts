import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import type { SimulatorOptions } from '../../simulators/comfyui/simulator-options.js';
import { startApplication, type RunningApplication } from '../../src/main.js';
import { ApiClient } from './api-client.js';
import { startScratchServer, type ScratchServer } from './scratch-server.js';
import type { SettingsTree } from './scratch-templates.js';
import { waitFor } from './wait-for.js';

export const PASSWORD = 'correct horse battery';

/** Quick enough that a test of losses and takeovers takes seconds; the order of the times is as in production. */
export const QUICK = {
  nodes: {
    healthMs: 300,
    fastPollMs: 100,
    pollMs: 300,
    lostAfterMs: 1_000,
    postTimeoutMs: 1_000,
    requestTimeoutMs: 1_000,
    breakerPauseMs: 200,
    breakerLongestPauseMs: 1_000,
  },
  dispatch: { leaseTtlMs: 3_000, leaseRenewMs: 500, sweepMs: 100, retryBaseMs: 50 },
  sync: { sweepMs: 50 },
  // A new installation begins with all of them; where one is due for a test, the test switches them on.
  jobs: { enabled: false },
} satisfies SettingsTree;

/** A whole installation in this process: scratch databases, the application, simulated nodes. */
export class Installation {
  readonly simulators: ComfySimulator[] = [];
  app!: RunningApplication;

  private constructor(readonly server: ScratchServer) {}

  static async start(nodes: Partial<SimulatorOptions>[], overrides: SettingsTree = {}): Promise<Installation> {
    const installation = new Installation(await startScratchServer({ overrides: { ...QUICK, ...overrides } }));
    for (const options of nodes) {
      const simulator = new ComfySimulator({ stepMs: 2, ...options });
      await simulator.start();
      installation.simulators.push(simulator);
    }
    await installation.startApp();
    return installation;
  }

  async startApp(): Promise<void> {
    this.app = await startApplication(this.server.settings);
    for (const [index, { url }] of this.simulators.entries()) {
      await this.app.registerNode({ nodeId: `sim-${index + 1}`, name: `sim-${index + 1}`, url, maxConcurrent: 2 });
    }
  }

  async signIn(username: string): Promise<ApiClient> {
    await this.app.createClientUserIfAbsent(username, PASSWORD);
    return ApiClient.signIn(this.app.url, username, PASSWORD);
  }

  async signInAsAdmin(): Promise<ApiClient> {
    await this.app.createAdminIfAbsent('root', PASSWORD);
    return ApiClient.signInAsAdmin(this.app.url, 'root', PASSWORD);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all(this.simulators.map((simulator) => simulator.stop()));
    await this.server.stop();
  }
}

/** Waits until every one of these tasks is in a terminal state; returns the states in the same order. */
export async function waitUntilOver(client: ApiClient, taskIds: string[], timeoutMs = 60_000) {
  const over = new Set(['completed', 'failed', 'cancelled']);
  return Promise.all(
    taskIds.map((taskId) =>
      waitFor(
        async () => {
          const state = await client.status(taskId);
          return over.has(state.status) ? state : undefined;
        },
        { timeoutMs, everyMs: 100, what: `the end of task ${taskId}` },
      ),
    ),
  );
}
