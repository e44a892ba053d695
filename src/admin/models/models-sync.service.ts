import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { ModelUsesRepository, requirementOf } from '../../shared/index.js';
import { NodesService } from '../nodes/nodes.service.js';
import { publishedOf } from '../workflows/template-definition.js';
import { WorkflowTemplatesRepository } from '../workflows/workflow-templates.repository.js';
import { ModelsRepository, type ModelRecord } from './models.repository.js';
import { collectSeen, keyOf, toModelFile, type ModelFile } from './seen-models.js';

export interface ModelsSyncReport {
  /** Files that nodes have or workflows name. */
  seen: number;
  added: number;
  /** Pairs of workflow and model. */
  linked: number;
}

/** Installations have tens of workflows. */
const MOST_TEMPLATES = 10_000;

interface NamedModel extends ModelFile {
  workflowId: string;
}

/** Records the models that nodes have and workflows name; a second run changes nothing. */
@Injectable()
export class ModelsSyncService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly models: ModelsRepository,
    private readonly nodes: NodesService,
    private readonly templates: WorkflowTemplatesRepository,
    private readonly uses: ModelUsesRepository,
  ) {}

  async sync(): Promise<ModelsSyncReport> {
    const seen = collectSeen(await this.nodes.list());
    const named = await this.listNamed();
    const files = new Map<string, ModelFile>([...seen, ...named.map((model) => [keyOf(model), model] as const)]);
    const usage = await this.countUsage();
    return this.database.transaction(async (transaction) => {
      const before = new Set((await this.models.list(transaction)).map(keyOf));
      const absent = [...files].filter(([key]) => !before.has(key)).map(([, model]) => model);
      await this.models.insert(transaction, absent);
      const records = await this.models.list(transaction);
      for (const record of records) {
        const count = usage.get(record.path.replaceAll('\\', '/')) ?? 0;
        const isCounted = record.type === 'checkpoint' && count !== record.usageCount;
        if (isCounted) await this.models.setUsage(transaction, record.id, count);
      }
      return { seen: files.size, added: absent.length, linked: await this.link(transaction, records, named) };
    });
  }

  private async link(transaction: Executor, records: ModelRecord[], named: NamedModel[]): Promise<number> {
    const ids = new Map(records.map((record) => [keyOf(record), record.id]));
    const wanted = named.map((model) => ({ workflowId: model.workflowId, modelId: ids.get(keyOf(model))! }));
    const keep = new Set(wanted.map(({ workflowId, modelId }) => `${workflowId}:${modelId}`));
    for (const link of await this.models.listLinks(transaction)) {
      if (!keep.has(`${link.workflowId}:${link.modelId}`)) await this.models.unlink(transaction, link);
    }
    await this.models.link(transaction, wanted);
    return keep.size;
  }

  private async listNamed(): Promise<NamedModel[]> {
    const templates = await this.templates.list({}, MOST_TEMPLATES, 0);
    return templates.flatMap((template) => {
      const definition = publishedOf(template);
      const models = definition ? requirementOf(definition, null).models : {};
      return Object.entries(models).flatMap(([input, file]) => {
        const model = toModelFile(input, file);
        return model ? [{ ...model, workflowId: template.id }] : [];
      });
    });
  }

  /** Tasks by the model that they name, in the one spelling. */
  private async countUsage(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { modelName, tasks } of await this.uses.count()) {
      const path = modelName.replaceAll('\\', '/');
      counts.set(path, (counts.get(path) ?? 0) + tasks);
    }
    return counts;
  }
}
