import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AdminGuard } from '../auth/admin.guard.js';
import { OutputLinksService } from './output-links.service.js';

/** Lets through whoever holds a signed address that has not expired, and signed-in admins. */
@Injectable()
export class OutputGuard implements CanActivate {
  constructor(
    private readonly links: OutputLinksService,
    private readonly admins: AdminGuard,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { query } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>();
    const { task, index, expires, signature } = query;
    const isSigned = typeof task === 'string' && typeof signature === 'string';
    if (isSigned && this.links.holds({ task, index: Number(index), expires: Number(expires), signature })) return true;
    return this.admins.canActivate(context);
  }
}
