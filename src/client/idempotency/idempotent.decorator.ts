import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader, ApiUnprocessableEntityResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Answered } from './idempotency.service.js';

/** Sends an answer as it is, and says in a header where it is that of an earlier call. */
@Injectable()
class ReplayedHeaderInterceptor implements NestInterceptor<Answered<unknown>, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<Answered<unknown>>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map(({ answer, isReplayed }) => {
        if (isReplayed) void reply.header('idempotency-replayed', 'true');
        return answer;
      }),
    );
  }
}

/** For a route that answers with `Answered`: takes an Idempotency-Key. `unfit`: what else it answers 422 to. */
export const Idempotent = (unfit = 'The request does not fit; `errors` says where.') =>
  applyDecorators(
    UseInterceptors(ReplayedHeaderInterceptor),
    ApiUnprocessableEntityResponse({
      description: `${unfit} Or \`IDEMPOTENCY_KEY_REUSED\`: the key was used for another request.`,
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Of your choice, 1 to 200 characters. The same request repeated with it within 24 hours does nothing twice: it gets the first answer again, with `Idempotency-Replayed: true`.',
    }),
  );
