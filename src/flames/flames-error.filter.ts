import { Catch, Inject } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ErrorFilter, LOGGER, type ErrorView, type Logger } from '../common/index.js';

/** What the deployed dashboard compares with. */
const OLD_WORDS: Record<string, string> = {
  FLAMES_TASK_NOT_FOUND: 'not found',
  FLAMES_TASK_NOT_COMPLETED: 'not completed',
};

/** Errors of these routes carry `msg`, and `task_id` where the address names one, beside what all errors carry. */
@Catch()
export class FlamesErrorFilter extends ErrorFilter {
  constructor(@Inject(LOGGER) logger: Logger) {
    super(logger);
  }

  protected override toBody(body: ErrorView, request: FastifyRequest): object {
    const { taskId } = (request.params ?? {}) as { taskId?: string };
    const msg = OLD_WORDS[body.code] ?? body.message;
    return { ...body, msg, ...(taskId === undefined ? {} : { task_id: taskId }) };
  }
}
