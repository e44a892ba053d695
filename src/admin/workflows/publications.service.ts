import { Injectable } from '@nestjs/common';
import { Clock, contentHash } from '../../common/index.js';
import { writeOutbox, type Executor } from '../../database/index.js';
import { WORKFLOW_PUBLISHED, type PublishedWorkflow, type WorkflowDefinition } from '../../shared/index.js';
import { WorkflowTemplatesRepository, type TemplateRecord } from './workflow-templates.repository.js';

/** Numbers snapshots and announces them: the one place where a version comes into being. */
@Injectable()
export class Publications {
  constructor(
    private readonly templates: WorkflowTemplatesRepository,
    private readonly clock: Clock,
  ) {}

  /** In the transaction that holds the template's row; undefined where this is what is published already. */
  async add(transaction: Executor, template: TemplateRecord, definition: WorkflowDefinition) {
    const hash = contentHash(definition);
    if (hash === template.contentHash) return undefined;
    const version = template.publishedVersion + 1;
    await this.templates.savePublication(transaction, template.id, { version, contentHash: hash, definition });
    const payload: PublishedWorkflow = {
      workflowName: definition.name,
      version,
      contentHash: hash,
      definition,
      publishedAt: this.clock.now().toISOString(),
    };
    const event = { topic: WORKFLOW_PUBLISHED, aggregateId: definition.name, runNo: version, stateVersion: 0, payload };
    await writeOutbox(transaction, [event]);
    return version;
  }
}
