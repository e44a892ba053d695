import type { INestApplicationContext } from '@nestjs/common';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { NodesService, type NodeView } from '../../src/admin/index.js';
import type { Clock } from '../../src/common/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../src/database/index.js';
import { NodeSession } from '../../src/dispatch/sessions/node-session.js';
import { SessionServices } from '../../src/dispatch/sessions/session-services.js';
import {
  AssignmentsRepository,
  ClaimsService,
  InstallationService,
  TaskWishesService,
  WorkflowVersionsService,
  type OpenAssignment,
  type PromptGraph,
} from '../../src/shared/index.js';
import { makePublishedWorkflow } from '../factories/published-workflow.factory.js';
import { makeTaskWish } from '../factories/task-wish.factory.js';
import type { SettingsTree } from './scratch-templates.js';
import { startScratchServer, type ScratchServer } from './scratch-server.js';
import { startServices } from './start-services.js';
import { waitFor } from './wait-for.js';
import { WatchedConnector } from './watched-connector.js';

const NODE_ID = 'sim';
export const SESSION_TIMES = {
  fastPollMs: 20,
  // So long that whatever goes on without a nudge of the socket goes on by fast polls.
  pollMs: 3_600_000,
  healthMs: 3_600_000,
  postTimeoutMs: 1_000,
  requestTimeoutMs: 1_000,
  lostAfterMs: 1_000,
};

export interface DrivenSession {
  session: NodeSession;
  node: WatchedConnector;
  token: number;
}

/** A picture that takes as long as it is told to, saved by two nodes. */
export function makeGraph(seconds = 0): PromptGraph {
  const steps = Math.max(1, seconds * 20);
  const slow = { steps, seconds_per_step: seconds / steps, preview: false, seed: 0 };
  return {
    paint: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
    wait: { class_type: 'TestSlowProgress', inputs: { image: ['paint', 0], ...slow } },
    save: { class_type: 'SaveImage', inputs: { images: ['wait', 0], filename_prefix: 'one' } },
    saveToo: { class_type: 'SaveImage', inputs: { images: ['paint', 0], filename_prefix: 'another' } },
  };
}

/** One simulated node, and sessions for it that a test starts and feeds by hand, as the fleet does. */
export class DrivenNode {
  readonly simulator = new ComfySimulator({ cache: 'none' });
  readonly database: Database;
  readonly assignments: AssignmentsRepository;
  installationId!: string;
  private node!: NodeView;
  private readonly sessions: NodeSession[] = [];

  private constructor(
    private readonly server: ScratchServer,
    readonly app: INestApplicationContext,
  ) {
    this.database = app.get<Database>(databaseToken('shared'), { strict: false });
    this.assignments = app.get(AssignmentsRepository);
  }

  static async start(): Promise<DrivenNode> {
    const server = await startScratchServer();
    const driven = new DrivenNode(server, await startServices(server));
    await driven.prepare();
    return driven;
  }

  private async prepare(): Promise<void> {
    const { url } = await this.simulator.start();
    const nodes = this.app.get(NodesService);
    await nodes.register({ nodeId: NODE_ID, name: NODE_ID, url, maxConcurrent: 1 });
    this.node = await nodes.get(NODE_ID);
    const installation = this.app.get(InstallationService);
    await installation.claimStore();
    this.installationId = await installation.getId();
    for (const seconds of [0, 2]) await this.publish(`takes_${seconds}`, makeGraph(seconds));
  }

  async publish(workflowName: string, graph: PromptGraph): Promise<void> {
    const published = makePublishedWorkflow({ workflowName });
    const definition = { ...published.definition, graph, parameters: [] };
    await this.app.get(WorkflowVersionsService).applyPublished([{ ...published, definition }]);
  }

  /** Ends the sessions, whatever they left on the node, and every task. */
  async reset(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((session) => session.stop()));
    this.simulator.faults.clear();
    await this.simulator.restart();
    await this.database.run('DELETE FROM global_tasks');
  }

  async stop(): Promise<void> {
    await this.reset();
    await this.app.close();
    await this.simulator.stop();
    await this.server.stop();
  }

  /** A task that is claimed for the node and takes this long there. */
  assign(seconds: 0 | 2 = 0, slot: 0 | 1 = 0): Promise<OpenAssignment> {
    return this.assignTask(`takes_${seconds}`, slot);
  }

  async assignTask(workflowName: string, slot: 0 | 1 = 0): Promise<OpenAssignment> {
    const wish = makeTaskWish({ workflowName });
    await this.app.get(TaskWishesService).apply([wish]);
    const claim = { taskId: wish.taskId, runNo: 1, nodeId: NODE_ID, slot, reason: 'test' };
    await this.app.get(ClaimsService).claimAll([claim]);
    return (await this.listOpen()).find(({ taskId }) => taskId === wish.taskId)!;
  }

  /** Takes the node over as another process would: a new token, adoption, a session. */
  async takeOver({ clock, overrides = {} }: { clock?: Clock; overrides?: SettingsTree } = {}): Promise<DrivenSession> {
    const leases = this.app.get(LeaseKeeper);
    const held = await leases.tryAcquire(`node:${NODE_ID}`);
    await leases.release(held!);
    const lease = await leases.tryAcquire(`node:${NODE_ID}`);
    const fence = { nodeId: NODE_ID, leaseToken: lease!.token, ownerId: leases.ownerId };
    await this.assignments.adopt(fence);
    const services = this.app.get(SessionServices, { strict: false });
    const settings = this.server.settingsWith({
      ...overrides,
      nodes: { ...SESSION_TIMES, ...(overrides.nodes as object) },
    });
    const node = new WatchedConnector(settings);
    const given = { ...services, connector: node, settings, clock: clock ?? services.clock };
    const session = new NodeSession(this.node, fence, this.installationId, given);
    this.sessions.push(session);
    session.update(await this.listOpen());
    session.start();
    return { session, node, token: lease!.token };
  }

  listOpen(): Promise<OpenAssignment[]> {
    return this.assignments.listOpenOf([NODE_ID]);
  }

  /** The node as everybody sees it. */
  nodeView(): Promise<NodeView> {
    return this.app.get(NodesService).get(NODE_ID);
  }

  /** How an attempt ended. */
  async endOf({ assignmentId }: OpenAssignment) {
    const [row] = await this.database.rows<{ status: string; error_code: string | null; error_message: string | null }>(
      'SELECT status, error_code, error_message FROM node_task_assignments WHERE assignment_id = ?',
      [assignmentId],
    );
    return row!;
  }

  async taskOf({ taskId }: OpenAssignment) {
    const [row] = await this.database.rows<{
      status: string;
      attempt_count: number;
      node_deaths: number;
      error_code: string | null;
    }>('SELECT status, attempt_count, node_deaths, error_code FROM global_tasks WHERE task_id = ?', [taskId]);
    return row!;
  }

  /** Posts past all sessions, as a late owner or a stranger does. */
  async post(promptId: string, cws: object | undefined, seconds = 0): Promise<void> {
    const body = { prompt: makeGraph(seconds), prompt_id: promptId, extra_data: cws ? { cws } : {} };
    // Not over a connection that was kept from an earlier life of the node.
    const headers = { connection: 'close' };
    await fetch(`${this.simulator.url}/prompt`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** What the node was sent, as its history tells. */
  async graphOf(promptId: string): Promise<PromptGraph> {
    const answer = await fetch(`${this.simulator.url}/history/${promptId}`, { headers: { connection: 'close' } });
    const entries = (await answer.json()) as Record<string, { prompt: [number, string, PromptGraph] }>;
    return entries[promptId]!.prompt[2];
  }

  /** Our mark, of an attempt that is over. */
  markOf(assignment: string, installation = this.installationId) {
    return { installation, task: 'gone', run: 1, assignment, token: 1 };
  }

  /** What the node saw of a prompt. */
  eventsOf(promptId: string): string[] {
    return this.simulator.log
      .filter(({ prompt_id: id }) => id === promptId)
      .map(({ event, outcome }) => (outcome ? `${event}: ${outcome}` : event));
  }

  waitForStatus(row: OpenAssignment, status: string): Promise<boolean> {
    return waitFor(async () => (await this.taskOf(row)).status === status, { what: `a task that is ${status}` });
  }

  waitForStart(promptId: string): Promise<boolean> {
    return waitFor(() => this.eventsOf(promptId).includes('started'), { what: `the start of ${promptId}` });
  }
}
