import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { bearerToken, ForbiddenError } from '../../common/index.js';
import { AdminAuthService } from '../auth/admin-auth.service.js';
import { AdminGuard } from '../auth/admin.guard.js';
import type { AdminRequest } from '../auth/current-admin.js';
import { isNodeToken } from './node-token.js';
import { NodeTokensService } from './node-tokens.service.js';

type SpeakerRequest = AdminRequest & { nodeId?: string };

/** Lets admins of the needed role through, and nodes by their own token. */
@Injectable()
export class NodeSpeakerGuard extends AdminGuard {
  constructor(
    auth: AdminAuthService,
    reflector: Reflector,
    private readonly tokens: NodeTokensService,
  ) {
    super(auth, reflector);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SpeakerRequest>();
    const token = bearerToken(request.headers.authorization) ?? '';
    if (!isNodeToken(token)) return super.canActivate(context);
    request.nodeId = await this.tokens.authenticate(token);
    return true;
  }
}

/** For whom the caller may speak; only behind NodeSpeakerGuard. */
export class Speaker {
  constructor(
    private readonly ownNodeId: string | undefined,
    readonly ipAddress: string,
  ) {}

  get isAdmin(): boolean {
    return this.ownNodeId === undefined;
  }

  /** How the audit log names a node; undefined: the admin who is signed in. */
  get actor(): string | undefined {
    return this.ownNodeId === undefined ? undefined : `node:${this.ownNodeId}`;
  }

  /** Throws 403 where a node speaks for another one. */
  requireFor(nodeId: string): void {
    if (this.ownNodeId === undefined || this.ownNodeId === nodeId) return;
    throw new ForbiddenError(`This token is that of the node ${this.ownNodeId}, not of ${nodeId}.`, 'NOT_THIS_NODE');
  }
}

export const SpokenBy = createParamDecorator((_: unknown, context: ExecutionContext): Speaker => {
  const { admin, nodeId, ip } = context.switchToHttp().getRequest<SpeakerRequest>();
  if (!admin && nodeId === undefined) throw new Error('this route has no NodeSpeakerGuard');
  return new Speaker(nodeId, ip);
});
