import { Injectable } from '@nestjs/common';
import { ConflictError, contentHash, NotFoundError } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { WorkflowVersionsService, type WorkflowDefinition } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { diffDefinitions, type DefinitionDiff } from './diff-definitions.js';
import { checkDraft } from './edit-draft.js';
import { Publications } from './publications.service.js';
import { draftOf, hasUnpublishedChanges, publishedOf } from './template-definition.js';
import type { CompareQuery, EnableDto, RollBackDto } from './template.dto.js';
import type { DiffView, PublishedView, TemplateView, VersionListView } from './template.view.js';
import { about, editor, requireCurrent, requireGood, TemplatesService } from './templates.service.js';
import { WorkflowTemplatesRepository, type TemplateRecord } from './workflow-templates.repository.js';

const VERSION = /^[1-9]\d{0,8}$/;

/** Brings drafts to users: each publish is a new version, also one that brings an old content back. */
@Injectable()
export class PublishingService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly templates: WorkflowTemplatesRepository,
    private readonly drafts: TemplatesService,
    private readonly publications: Publications,
    private readonly versions: WorkflowVersionsService,
    private readonly signals: Signals,
    private readonly audit: AuditService,
  ) {}

  /** Throws 422 with all that keeps it from running, 409 where the draft is not what its reader saw. */
  publish(name: string, revision: number): Promise<PublishedView> {
    return this.bring(name, revision, 'publish', async (_transaction, template) => {
      const draft = draftOf(template);
      requireGood('workflow', checkDraft(draft), 'WORKFLOW_NOT_RUNNABLE');
      return draft;
    });
  }

  /** Brings the content of an old version back, as the admin's own draft; whether users may submit it stays as it is. */
  async rollBack(name: string, { version, revision, discard_draft: discards }: RollBackDto): Promise<PublishedView> {
    const old = await this.getVersion(name, String(version));
    return this.bring(name, revision, 'rollback', async (transaction, template) => {
      if (hasUnpublishedChanges(template) && !discards) {
        const message = `${name} has changes that were never published; with discard_draft they are given up.`;
        throw new ConflictError(message, 'UNPUBLISHED_CHANGES');
      }
      const definition = { ...old, isEnabled: template.isEnabled === 1 };
      const isThere = template.editedBy !== null && diffDefinitions(draftOf(template), definition).is_same;
      if (!isThere) await this.templates.saveDraft(transaction, template.id, definition, editor());
      return definition;
    });
  }

  /** Disabled: users cannot submit it; what waits and runs goes on. The draft stays as it is. */
  async setEnabled(name: string, { is_enabled: isEnabled, revision }: EnableDto): Promise<TemplateView> {
    await this.database.transaction(async (transaction) => {
      const template = requireCurrent(await this.templates.lock(transaction, name), name, revision);
      if ((template.isEnabled === 1) === isEnabled) return;
      const published = publishedOf(template);
      await this.templates.setEnabled(transaction, template.id, isEnabled);
      const version = published && (await this.publications.add(transaction, template, { ...published, isEnabled }));
      const after = { is_enabled: isEnabled, version: version ?? template.publishedVersion };
      const before = { is_enabled: !isEnabled, version: template.publishedVersion };
      await this.audit.record({ ...about(name, isEnabled ? 'enable' : 'disable'), before, after }, transaction);
    });
    this.signals.emit('admin.outbox');
    return this.drafts.get(name);
  }

  async listVersions(name: string, limit: number, offset: number): Promise<VersionListView> {
    const template = await this.drafts.find(name);
    const [versions, total] = await Promise.all([
      this.versions.list(template.name, limit, offset),
      this.versions.count(template.name),
    ]);
    return {
      versions: versions.map(({ version, contentHash: hash, publishedAt }) => ({
        version,
        content_hash: hash,
        published_at: publishedAt.toISOString(),
        is_current: version === template.publishedVersion,
      })),
      total,
      limit,
      offset,
    };
  }

  /** What the snapshot holds, whole. */
  async getVersion(name: string, asked: string): Promise<WorkflowDefinition> {
    const template = await this.drafts.find(name);
    const version = VERSION.test(asked) ? Number(asked) : 0;
    // The newest may be on its way to the database of the others yet.
    const isNewest = version === template.publishedVersion;
    const found = isNewest ? publishedOf(template) : await this.versions.find(template.name, version);
    if (!found) throw new NotFoundError(`There is no version ${asked.slice(0, 20)} of ${name}.`, 'VERSION_NOT_FOUND');
    return found;
  }

  async compare(name: string, { from, to }: CompareQuery): Promise<DiffView> {
    const [before, after] = await Promise.all([this.getSide(name, from), this.getSide(name, to)]);
    return diffDefinitions(before, after);
  }

  private async getSide(name: string, side: string): Promise<WorkflowDefinition> {
    const template = await this.drafts.find(name);
    if (side === 'draft') return draftOf(template);
    return this.getVersion(name, side === 'published' ? String(template.publishedVersion) : side);
  }

  private async bring(
    name: string,
    revision: number,
    verb: string,
    choose: (transaction: Executor, template: TemplateRecord) => Promise<WorkflowDefinition>,
  ): Promise<PublishedView> {
    const outcome = await this.database.transaction(async (transaction) => {
      const template = requireCurrent(await this.templates.lock(transaction, name), name, revision);
      const definition = await choose(transaction, template);
      const before = publishedOf(template) ?? { ...definition, graph: {}, parameters: [] };
      const changes = diffDefinitions(before, definition);
      const version = await this.publications.add(transaction, template, definition);
      if (version !== undefined) {
        const after = { version, content_hash: contentHash(definition), changes: countChanges(changes) };
        const entry = { ...about(name, verb), before: { version: template.publishedVersion }, after };
        await this.audit.record(entry, transaction);
      }
      return {
        name: template.name,
        version: version ?? template.publishedVersion,
        is_new: version !== undefined,
        changes,
      };
    });
    if (outcome.is_new) this.signals.emit('admin.outbox');
    return { ...outcome, revision: (await this.drafts.find(name)).revision };
  }
}

function countChanges({ fields, nodes, parameters }: DefinitionDiff) {
  const lengths = (lists: object) =>
    Object.fromEntries(Object.entries(lists).map(([kind, list]) => [kind, (list as unknown[]).length]));
  return { fields: fields.map(({ name }) => name), nodes: lengths(nodes), parameters: lengths(parameters) };
}
