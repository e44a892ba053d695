import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { InjectDatabase, MalformedEventError, type Database } from '../../database/index.js';
import type { PublishedWorkflow, TaskType } from '../../shared/index.js';
import { WorkflowCopiesRepository, type WorkflowVersionKey } from './workflow-copies.repository.js';

/** Parsed definitions kept at most; an installation has tens of workflows, each with a few versions in use. */
const CACHED_DEFINITIONS = 500;
/** How long a look at which versions are current is used: every submit asks, and publishing takes as long anyway. */
const CURRENT_HOLDS_MS = 1_000;

/** The published workflows as the client side knows them: its own copies, brought by the relay. */
@Injectable()
export class ClientWorkflowsService {
  /** A version never changes, so a parsed one is good for ever. */
  private readonly parsed = new Map<string, PublishedWorkflow>();
  private current: { untilMs: number; versions: Promise<WorkflowVersionKey[]> } | undefined;

  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly copies: WorkflowCopiesRepository,
    private readonly clock: Clock,
  ) {}

  /** For the relay; repeated delivery changes nothing. The same number with another hash can never be applied (I21). */
  async storeVersions(workflows: PublishedWorkflow[]): Promise<void> {
    if (workflows.length === 0) return;
    await this.database.transaction(async (transaction) => {
      await this.copies.insertAbsent(transaction, workflows);
      const stored = await this.copies.listHashes(transaction, workflows);
      const hashes = new Map(stored.map((row) => [keyOf(row), row.contentHash]));
      for (const workflow of workflows) {
        if (hashes.get(keyOf(workflow)) === workflow.contentHash) continue;
        throw new MalformedEventError(
          `Version ${workflow.version} of workflow "${workflow.workflowName}" is stored with another content.`,
        );
      }
    });
    this.current = undefined;
  }

  /** The version that a new task takes: the highest number (a rollback is a publish). */
  async findCurrent(workflowName: string): Promise<PublishedWorkflow | undefined> {
    const versions = await this.listCurrentVersions();
    const key = versions.find((known) => nameKeyOf(known.workflowName) === nameKeyOf(workflowName));
    if (!key) return undefined;
    const [workflow] = await this.load([key]);
    return workflow;
  }

  /** The current version of every workflow, in the order of first publishing. */
  async list(): Promise<PublishedWorkflow[]> {
    return this.load(await this.listCurrentVersions());
  }

  /** What a task runs that names no workflow: the first enabled one of its type. */
  async findDefault(taskType: TaskType): Promise<PublishedWorkflow | undefined> {
    const workflows = await this.list();
    return workflows.find(({ definition }) => definition.taskType === taskType && definition.isEnabled);
  }

  private listCurrentVersions(): Promise<WorkflowVersionKey[]> {
    const nowMs = this.clock.monotonicMs();
    if (!this.current || nowMs >= this.current.untilMs) {
      const versions = this.copies.listCurrentVersions();
      const current = { untilMs: nowMs + CURRENT_HOLDS_MS, versions };
      this.current = current;
      // A look that failed is not kept.
      versions.catch(() => this.current === current && (this.current = undefined));
    }
    return this.current.versions;
  }

  private async load(keys: WorkflowVersionKey[]): Promise<PublishedWorkflow[]> {
    const found = new Map<string, PublishedWorkflow>();
    const missing: WorkflowVersionKey[] = [];
    for (const key of keys) {
      const parsed = this.parsed.get(keyOf(key));
      if (parsed) found.set(keyOf(key), parsed);
      else missing.push(key);
    }
    for (const workflow of missing.length > 0 ? await this.copies.listVersions(missing) : []) {
      found.set(keyOf(workflow), workflow);
      this.remember(workflow);
    }
    return keys.flatMap((key) => found.get(keyOf(key)) ?? []);
  }

  private remember(workflow: PublishedWorkflow): void {
    const oldest = this.parsed.keys().next();
    if (this.parsed.size >= CACHED_DEFINITIONS && !oldest.done) this.parsed.delete(oldest.value);
    this.parsed.set(keyOf(workflow), workflow);
  }
}

function keyOf({ workflowName, version }: WorkflowVersionKey): string {
  return `${version}:${nameKeyOf(workflowName)}`;
}

/** The collation of the column takes names that differ in case alone for one. */
function nameKeyOf(workflowName: string): string {
  return workflowName.toLowerCase();
}
