import {
  createParamDecorator,
  Inject,
  Injectable,
  Optional,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { FLAMES_ADMINS, type FlamesAdmins, type FlamesRequest } from '../auth/flames-admins.js';
import { FlamesEventTokensService } from './event-tokens.service.js';

/** Who opened a stream, and how to ask later whether that sign-in still holds. */
export interface ProgressReader {
  adminId: string;
  authenticate: () => Promise<unknown>;
}

type ReaderRequest = FlamesRequest & { progressReader?: ProgressReader };

/** Lets viewers in by the usual header, or by a token in the address: a browser's EventSource sends no header. */
@Injectable()
export class ProgressGuard implements CanActivate {
  constructor(
    private readonly tokens: FlamesEventTokensService,
    @Optional() @Inject(FLAMES_ADMINS) private readonly admins?: FlamesAdmins,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { admins } = this;
    if (!admins) throw new Error('nobody says who is an admin: import FlamesAdminsModule');
    const request = context.switchToHttp().getRequest<ReaderRequest>();
    const { token } = request.query as { token?: unknown };
    const header = request.headers.authorization;
    const authorization = header === undefined && typeof token === 'string' ? this.tokens.read(token) : header;
    const authenticate = () => admins.authenticate(authorization, 'viewer');
    const { adminId } = await authenticate();
    request.progressReader = { adminId, authenticate };
    return true;
  }
}

/** Only behind ProgressGuard. */
export const Reader = createParamDecorator((_: unknown, context: ExecutionContext): ProgressReader => {
  const { progressReader } = context.switchToHttp().getRequest<ReaderRequest>();
  if (!progressReader) throw new Error('this route has no ProgressGuard');
  return progressReader;
});
