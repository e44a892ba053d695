import { Injectable } from '@nestjs/common';
import { Clock, contentHash, InvalidInputError } from '../../common/index.js';
import type { TaskTypes } from '../../config/index.js';
import { InjectDatabase, writeOutbox, type Database, type Executor, type OutboxEvent } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import {
  WORKFLOW_PUBLISHED,
  type PublishedWorkflow,
  type TaskType,
  type WorkflowDefinition,
} from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { readWorkflow, type ConfiguredWorkflow } from './read-workflow.js';
import { loadShippedTaskTypes } from './shipped-task-types.js';
import { WorkflowTemplatesRepository, type TemplateRecord } from './workflow-templates.repository.js';

export interface ImportOptions {
  /** False: only workflows that were never published; true: changed ones become their next version too. */
  publishChanged: boolean;
  /** Where relative file names start from; the folder in which the program was started where left out. */
  baseDir?: string;
}

export interface ImportReport {
  published: { name: string; version: number }[];
  /** As they were, by content or because changed ones were not asked for. */
  kept: string[];
}

interface CheckedWorkflow {
  definition: WorkflowDefinition;
  workflowFile: string;
}

/** Brings workflow files into `comfyui_admin` and publishes them: numbered snapshots that never change. */
@Injectable()
export class WorkflowsService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly templates: WorkflowTemplatesRepository,
    private readonly audit: AuditService,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /**
   * Imports what the settings name, or the shipped workflows where they name none. All of it or nothing: throws 422
   * with every problem of every workflow.
   */
  async importFromSettings(
    taskTypes: TaskTypes,
    { publishChanged, baseDir = process.cwd() }: ImportOptions,
  ): Promise<ImportReport> {
    const given = listWorkflows(taskTypes);
    const shipped = given.length === 0 ? loadShippedTaskTypes() : undefined;
    const workflows = shipped ? listWorkflows(shipped.taskTypes) : given;
    const checked = await checkAll(workflows, shipped?.baseDir ?? baseDir);
    const report = await this.database.transaction(async (transaction) => {
      const outcome: ImportReport = { published: [], kept: [] };
      for (const workflow of checked) {
        const version = await this.publish(transaction, workflow, publishChanged);
        if (version === undefined) outcome.kept.push(workflow.definition.name);
        else outcome.published.push({ name: workflow.definition.name, version });
        if (version !== undefined) await this.noteImport(transaction, workflow, version);
      }
      return outcome;
    });
    if (report.published.length > 0) this.signals.emit('admin.outbox');
    return report;
  }

  private async noteImport(transaction: Executor, { definition, workflowFile }: CheckedWorkflow, version: number) {
    const target = { targetType: 'workflow', targetId: definition.name };
    const after = { version, workflow_file: workflowFile };
    await this.audit.record({ action: 'workflow.import', ...target, after }, transaction);
  }

  /** The new version's number; undefined where nothing is published. */
  private async publish(
    transaction: Executor,
    { definition: imported, workflowFile }: CheckedWorkflow,
    publishChanged: boolean,
  ): Promise<number | undefined> {
    await this.templates.insertAbsent(transaction, imported);
    const template = await this.templates.lock(transaction, imported.name);
    if (template.publishedVersion > 0 && !publishChanged) return undefined;
    const definition = withDecisions(imported, template);
    const hash = contentHash(definition);
    if (hash === template.contentHash) return undefined;
    const version = template.publishedVersion + 1;
    await this.templates.update(transaction, template.id, definition, { version, contentHash: hash, workflowFile });
    await writeOutbox(transaction, [this.toEvent({ definition, version, contentHash: hash })]);
    return version;
  }

  private toEvent({
    definition,
    version,
    contentHash: hash,
  }: Pick<PublishedWorkflow, 'definition' | 'version' | 'contentHash'>): OutboxEvent<PublishedWorkflow> {
    return {
      topic: WORKFLOW_PUBLISHED,
      aggregateId: definition.name,
      runNo: version,
      stateVersion: 0,
      payload: {
        workflowName: definition.name,
        version,
        contentHash: hash,
        definition,
        publishedAt: this.clock.now().toISOString(),
      },
    };
  }
}

/** What admins decided about a template outlives the next import of its file. */
function withDecisions(definition: WorkflowDefinition, template: TemplateRecord): WorkflowDefinition {
  return {
    ...definition,
    isEnabled: template.isEnabled === 1,
    estimatedTimeSeconds: template.estimatedTime,
    maxConcurrentTasks: template.maxConcurrentTasks,
  };
}

function listWorkflows(taskTypes: TaskTypes): ConfiguredWorkflow[] {
  return Object.entries(taskTypes).flatMap(([taskType, section]) =>
    Object.entries(section?.workflows ?? {}).map(([name, config]) => ({
      name,
      taskType: taskType as TaskType,
      config,
    })),
  );
}

async function checkAll(workflows: ConfiguredWorkflow[], baseDir: string): Promise<CheckedWorkflow[]> {
  const checked: CheckedWorkflow[] = [];
  const problems: string[] = [];
  for (const workflow of workflows) {
    const read = await readWorkflow(workflow, baseDir);
    if (read.problems) problems.push(...read.problems.map((problem) => `Workflow "${workflow.name}": ${problem}.`));
    else checked.push({ definition: read.definition, workflowFile: workflow.config.workflow_file });
  }
  if (problems.length > 0) {
    const errors = problems.map((message) => ({ field: 'workflow_file', message }));
    throw new InvalidInputError(errors, 'INVALID_WORKFLOW');
  }
  return checked;
}
