import { Injectable } from '@nestjs/common';
import { ConflictError, contentHash, NotFoundError } from '../../common/index.js';
import { Signals } from '../../live/index.js';
import { AssignmentsRepository, NodeAttemptsRepository } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { checkMetadata } from './check-metadata.js';
import { parseNodeAddress } from './node-address.js';
import { toNodeDetailView, type NodeDetailView } from './node-detail.view.js';
import type { AddNodeDto, ChangeNodeDto } from './node-edits.dto.js';
import { NodeEditsRepository, type EditableNode } from './node-edits.repository.js';
import { NodeRegistrationsService } from './node-registrations.service.js';
import type { NodeView } from './node-view.js';
import { NodesRepository } from './nodes.repository.js';
import { NodesService } from './nodes.service.js';

const RECENT = 50;

/** Nodes as admins add, change and look at them. */
@Injectable()
export class NodeEditsService {
  constructor(
    private readonly nodes: NodesService,
    private readonly locks: NodesRepository,
    private readonly rows: NodeEditsRepository,
    private readonly registrations: NodeRegistrationsService,
    private readonly assignments: AssignmentsRepository,
    private readonly attempts: NodeAttemptsRepository,
    private readonly audit: AuditService,
    private readonly signals: Signals,
  ) {}

  async get(nodeId: string): Promise<NodeDetailView> {
    const [node, open, attempts] = await Promise.all([
      this.nodes.get(nodeId),
      this.assignments.listOpenOf([nodeId]),
      this.attempts.listLatest(nodeId, RECENT),
    ]);
    return toNodeDetailView(node, { open, attempts, version: versionOf(node) });
  }

  /** Throws 422 for an address that is none, 409 where the id or the address is registered already. */
  async add(request: AddNodeDto): Promise<NodeDetailView> {
    const metadata = merged({}, request);
    const { nodeId } = await this.nodes.add({
      url: request.url,
      nodeId: request.node_id ?? undefined,
      name: request.name ?? undefined,
      maxConcurrent: request.max_concurrent ?? undefined,
      taskTypes: request.task_types ?? undefined,
      metadata,
    });
    this.signals.emit('assignments.changed');
    return this.get(nodeId);
  }

  /** Throws 409 where it is not `version` any more, or it would move while work is open at its old address (I11). */
  async change(nodeId: string, request: ChangeNodeDto): Promise<NodeDetailView> {
    const address = request.url ? parseNodeAddress(request.url) : undefined;
    await this.rows.database.transaction(async (transaction) => {
      const node = await this.locks.lock(transaction, nodeId);
      if (!node) throw new NotFoundError(`There is no node ${nodeId}.`, 'NODE_NOT_FOUND');
      const before = toEditable(node);
      const isMoved = address !== undefined && address.url !== before.url;
      if (isMoved) await this.requireToMove(node);
      if (request.version && versionOf(before) !== request.version) {
        const message = 'Somebody changed this node meanwhile; look at it again. Nothing was changed now.';
        throw new ConflictError(message, 'NODE_CHANGED');
      }
      const after: EditableNode = {
        ...before,
        ...address,
        name: request.name ?? before.name,
        maxConcurrent: request.max_concurrent ?? before.maxConcurrent,
        taskTypes: request.task_types ?? before.taskTypes,
        metadata: merged(before.metadata, request),
      };
      await this.rows.update(transaction, nodeId, after);
      if (isMoved) await this.nodes.requireOwnAddress(transaction, { nodeId, url: after.url });
      const entry = { action: 'node.change', targetType: 'node', targetId: nodeId, before, after };
      await this.audit.record(entry, transaction);
    });
    this.signals.emit('assignments.changed');
    this.signals.emit('queue.changed');
    return this.get(nodeId);
  }

  private async requireToMove(node: NodeView): Promise<void> {
    await this.registrations.requireDrained(node);
    if (node.isCordoned || node.drainUntil) return;
    const message = `${node.nodeId} takes work; cordon it before it moves (POST /api/nodes/${node.nodeId}/cordon).`;
    throw new ConflictError(message, 'NODE_NOT_CORDONED');
  }
}

function toEditable({ name, url, host, port, maxConcurrent, taskTypes, metadata }: NodeView): EditableNode {
  return { name, url, host, port, maxConcurrent, taskTypes, metadata };
}

/** Of what admins change alone: what is seen of a node changes all the time. */
function versionOf({ name, url, maxConcurrent, taskTypes, metadata }: EditableNode): string {
  const { gpu_memory_bytes: _, ...words } = metadata;
  return contentHash({ name, url, maxConcurrent, taskTypes, metadata: words }).slice(0, 16);
}

/** Throws 422 for metadata that is too deep or too long. */
function merged(
  before: Record<string, unknown>,
  { metadata, priority }: Pick<ChangeNodeDto, 'metadata' | 'priority'>,
): Record<string, unknown> {
  const given = { ...metadata, ...(priority === undefined || priority === null ? {} : { priority }) };
  const all = Object.entries({ ...before, ...given }).filter(([, value]) => value !== null);
  const after = Object.fromEntries(all);
  checkMetadata(after);
  return after;
}
