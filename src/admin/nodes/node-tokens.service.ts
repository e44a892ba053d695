import { Injectable } from '@nestjs/common';
import { UnauthorizedError } from '../../common/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import { AuditService } from '../audit/audit.service.js';
import { hashNodeToken, makeNodeToken, nodeIdOfToken } from './node-token.js';
import { NodesRepository } from './nodes.repository.js';
import { NodesService } from './nodes.service.js';

/** Gives nodes the tokens by which they speak for themselves, and knows whose a token is. */
@Injectable()
export class NodeTokensService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly nodes: NodesService,
    private readonly rows: NodesRepository,
    private readonly audit: AuditService,
  ) {}

  /** A new token; the one before holds no more. Shown once: nobody can read it again. */
  async renew(nodeId: string): Promise<string> {
    const { nodeId: known } = await this.nodes.get(nodeId);
    const token = makeNodeToken(known);
    await this.database.transaction(async (transaction) => {
      await this.rows.setTokenHash(transaction, known, hashNodeToken(token));
      await this.audit.record({ action: 'node.token', targetType: 'node', targetId: known }, transaction);
    });
    return token;
  }

  /** The first token of a node that has none; undefined where it has one. */
  async giveFirst(nodeId: string): Promise<string | undefined> {
    const token = makeNodeToken(nodeId);
    return this.database.transaction(async (transaction) => {
      if (!(await this.rows.setFirstTokenHash(transaction, nodeId, hashNodeToken(token)))) return undefined;
      const entry = { action: 'node.token', targetType: 'node', targetId: nodeId, after: { is_first: true } };
      await this.audit.record(entry, transaction);
      return token;
    });
  }

  /** The node whose token it is; throws 401. */
  async authenticate(token: string): Promise<string> {
    const nodeId = nodeIdOfToken(token);
    // Compared by the database, and as hashes: nothing is learned of the token from how long that takes.
    if (nodeId && (await this.rows.hasTokenHash(nodeId, hashNodeToken(token)))) return nodeId;
    throw new UnauthorizedError(
      'This node token does not hold: the node was removed, or given a new one.',
      'BAD_NODE_TOKEN',
    );
  }
}
