import { Injectable } from '@nestjs/common';
import { ConflictError, isSameContent, NotFoundError } from '../../common/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { NodesService } from '../nodes/nodes.service.js';
import type { ChangeModelDto, ListModelsQuery } from './model.dto.js';
import type { ModelListView, ModelView } from './model.view.js';
import { ModelsRepository, type ModelChange, type ModelRecord } from './models.repository.js';
import { collectSeen, keyOf, type SeenModel } from './seen-models.js';

/** The models of all nodes, with what admins say about them. */
@Injectable()
export class ModelsService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly models: ModelsRepository,
    private readonly nodes: NodesService,
    private readonly audit: AuditService,
  ) {}

  async list({ type, q, node, is_enabled: enabled, limit, offset }: ListModelsQuery): Promise<ModelListView> {
    const wanted = q?.toLowerCase();
    const found = (await this.listAll()).filter(
      (model) =>
        (type === undefined || model.type === type) &&
        (node === undefined || model.nodes.includes(node)) &&
        (enabled === undefined || model.is_enabled === (enabled === 'true')) &&
        (wanted === undefined || textOf(model).includes(wanted)),
    );
    return { models: found.slice(offset, offset + limit), total: found.length, limit, offset };
  }

  /** Throws 404 for an id that is none, 409 where somebody else changed it since it was read. */
  async change(id: string, request: ChangeModelDto): Promise<ModelView> {
    if (!/^\d{1,18}$/.test(id)) throw noSuchModel(id);
    await this.database.transaction(async (transaction) => {
      const model = await this.models.lock(transaction, id);
      if (!model) throw noSuchModel(id);
      if (model.revision !== request.revision) throw changedMeanwhile(model);
      const before = stateOf(model);
      const after = changeOf(before, request);
      if (isSameContent(before, after)) return;
      await this.models.change(transaction, id, after);
      await this.audit.record(
        { action: 'model.change', targetType: 'model', targetId: id, before, after },
        transaction,
      );
    });
    return (await this.listAll()).find((model) => model.id === id)!;
  }

  private async listAll(): Promise<ModelView[]> {
    const [nodes, records, links] = await Promise.all([this.nodes.list(), this.models.list(), this.models.listLinks()]);
    const seen = collectSeen(nodes);
    const known = nodes.filter(({ capabilities }) => capabilities !== undefined).map(({ nodeId }) => nodeId);
    const workflows = new Map<string, string[]>();
    for (const { modelId, workflowName } of links) {
      workflows.set(modelId, [...(workflows.get(modelId) ?? []), workflowName]);
    }
    const recorded = records.map((record) => {
      const key = keyOf(record);
      const view = toView(record, seen.get(key), { known, workflows: workflows.get(record.id) ?? [] });
      return { key, view };
    });
    const keys = new Set(recorded.map(({ key }) => key));
    const unrecorded = [...seen.values()].filter((model) => !keys.has(keyOf(model)));
    return [...recorded.map(({ view }) => view), ...unrecorded.map((model) => toView(blank(model), model, { known }))];
  }
}

function toView(
  record: Omit<ModelRecord, 'id'> & { id: string | null },
  seen: SeenModel | undefined,
  { known, workflows = [] }: { known: string[]; workflows?: string[] },
): ModelView {
  const nodes = seen?.nodeIds ?? [];
  return {
    id: record.id,
    name: record.name,
    display_name: record.displayName,
    type: record.type,
    path: record.path.replaceAll('\\', '/'),
    description: record.description,
    tags: record.tags,
    base_model: record.baseModel,
    is_enabled: record.isEnabled === 1,
    nodes,
    missing_on: known.filter((nodeId) => !nodes.includes(nodeId)),
    workflows,
    usage_count: record.usageCount,
    revision: record.revision,
  };
}

function blank({ type, path }: SeenModel) {
  const nothing = { displayName: null, description: null, tags: [], baseModel: null, usageCount: 0 };
  const name = path.split('/').at(-1)!;
  return { ...nothing, id: null, name, type, path, isEnabled: 1, revision: 0, updatedAt: new Date(0) };
}

function stateOf({ displayName, description, tags, baseModel, isEnabled }: ModelRecord): ModelChange {
  return { displayName, description, tags, baseModel, isEnabled: isEnabled === 1 };
}

function changeOf(before: ModelChange, request: ChangeModelDto): ModelChange {
  const { display_name: displayName, description, tags, base_model: baseModel, is_enabled: isEnabled } = request;
  const given = { displayName, description, tags: tags ?? undefined, baseModel, isEnabled: isEnabled ?? undefined };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(named) };
}

function textOf({ path, display_name: displayName, description, tags }: ModelView): string {
  return [path, displayName, description, ...tags].join('\n').toLowerCase();
}

function noSuchModel(id: string): NotFoundError {
  return new NotFoundError(`There is no model ${id.slice(0, 40)}.`, 'MODEL_NOT_FOUND');
}

function changedMeanwhile({ name, revision }: ModelRecord): ConflictError {
  const message = `${name} was changed meanwhile; it is at revision ${revision}. Read it again.`;
  return new ConflictError(message, 'MODEL_CHANGED');
}
