import type { FastifyRequest } from 'fastify';

/** Where a caller reached us. */
export function originOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}
