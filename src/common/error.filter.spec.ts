import type { FastifyReply, FastifyRequest } from 'fastify';
import { ErrorFilter } from './error.filter.js';
import { NotFoundError, UnavailableError } from './errors.js';
import type { Logger } from './logger.js';

function answerTo(thrown: unknown) {
  const lines: { level: string; line: object }[] = [];
  const note = (level: string) => (line: object) => lines.push({ level, line });
  const logger = { warn: note('warn'), error: note('error') } as unknown as Logger;
  const answer: { status?: number; headers: Record<string, unknown>; body?: Record<string, unknown> } = { headers: {} };
  const reply = {
    sent: false,
    header: (name: string, value: unknown) => ((answer.headers[name] = value), reply),
    status: (status: number) => ((answer.status = status), reply),
    type: () => reply,
    send: (body: Record<string, unknown>) => (answer.body = body),
  };
  const request = { id: 'r1', url: '/api/v2/events?token=secret' };
  new ErrorFilter(logger).answer(thrown, request as unknown as FastifyRequest, reply as unknown as FastifyReply);
  return { ...answer, lines };
}

describe('ErrorFilter', () => {
  it('tells a caller nothing of a bug, and the log all of it but the query', () => {
    const bug = new TypeError('x is undefined');
    const { status, body, lines } = answerTo(bug);
    expect([status, body]).toMatchObject([500, { code: 'INTERNAL', requestId: 'r1' }]);
    expect(JSON.stringify(body)).not.toContain('undefined');
    expect(lines).toEqual([{ level: 'error', line: { requestId: 'r1', path: '/api/v2/events', err: bug } }]);
  });

  it('warns of what is away, and says when to come back', () => {
    const { status, headers, lines } = answerTo(new UnavailableError('The database is away.'));
    expect([status, headers['retry-after']]).toEqual([503, 5]);
    expect(lines).toEqual([
      { level: 'warn', line: { requestId: 'r1', path: '/api/v2/events', reason: 'The database is away.' } },
    ]);
  });

  it('logs nothing of what is the caller’s', () => {
    expect(answerTo(new NotFoundError('There is no such task.', 'TASK_NOT_FOUND')).lines).toEqual([]);
  });
});
