import { Injectable } from '@nestjs/common';
import { contentHash, InvalidInputError } from '../../common/index.js';
import type { TaskTypes } from '../../config/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { TaskType, WorkflowDefinition } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { Publications } from './publications.service.js';
import { readWorkflow, type ConfiguredWorkflow } from './read-workflow.js';
import { loadShippedTaskTypes } from './shipped-task-types.js';
import { hasUnpublishedChanges, withDecisions } from './template-definition.js';
import { WorkflowTemplatesRepository } from './workflow-templates.repository.js';

export interface ImportOptions {
  /** False: only workflows that were never published; true: changed ones become their next version too. */
  publishChanged: boolean;
  /** Put the file in the place of what admins made of a template. */
  overwriteEdited?: boolean;
  /** Where relative file names start from; the folder in which the program was started where left out. */
  baseDir?: string;
}

export interface ImportReport {
  published: { name: string; version: number }[];
  /** As they were, by content or because changed ones were not asked for. */
  kept: string[];
  /** They differ from their files because admins changed them, and stay as the admins made them. */
  edited: string[];
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
    private readonly publications: Publications,
  ) {}

  /**
   * Imports what the settings name, or the shipped workflows where they name none. All of it or nothing: throws 422
   * with every problem of every workflow.
   */
  async importFromSettings(taskTypes: TaskTypes, options: ImportOptions): Promise<ImportReport> {
    const { baseDir = process.cwd() } = options;
    const given = listWorkflows(taskTypes);
    const shipped = given.length === 0 ? loadShippedTaskTypes() : undefined;
    const workflows = shipped ? listWorkflows(shipped.taskTypes) : given;
    const checked = await checkAll(workflows, shipped?.baseDir ?? baseDir);
    const report = await this.database.transaction(async (transaction) => {
      const outcome: ImportReport = { published: [], kept: [], edited: [] };
      for (const workflow of checked) {
        const { name } = workflow.definition;
        const version = await this.import(transaction, workflow, options);
        if (typeof version === 'string') outcome[version].push(name);
        else {
          outcome.published.push({ name, version });
          await this.noteImport(transaction, workflow, version);
        }
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

  private async import(
    transaction: Executor,
    { definition: imported, workflowFile }: CheckedWorkflow,
    { publishChanged, overwriteEdited = false }: ImportOptions,
  ): Promise<number | 'kept' | 'edited'> {
    await this.templates.insertAbsent(transaction, imported);
    const template = await this.templates.lock(transaction, imported.name);
    if (!template) throw new Error(`workflow template ${imported.name} vanished within its transaction`);
    if (template.publishedVersion > 0 && !publishChanged) return 'kept';
    const definition = withDecisions(imported, template);
    if (contentHash(definition) === template.contentHash && !hasUnpublishedChanges(template)) return 'kept';
    // What an admin made of it is not a file's to undo.
    if (template.editedBy !== null && !overwriteEdited) return 'edited';
    await this.templates.saveDraft(transaction, template.id, definition, null);
    await this.templates.saveFile(transaction, template.id, workflowFile);
    return (await this.publications.add(transaction, template, definition)) ?? 'kept';
  }
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
