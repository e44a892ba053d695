import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asks, from where, under which id: known to everything that a request sets off, logs and audit rows included. */
export interface RequestContext {
  requestId: string;
  ipAddress: string;
  userAgent: string | null;
  /** Set by the admin's guard. */
  admin?: { adminUserId: string; username: string };
}

const contexts = new AsyncLocalStorage<RequestContext>();

/** Undefined outside of requests: in jobs, loops and commands. */
export function currentRequest(): RequestContext | undefined {
  return contexts.getStore();
}

/** Everything that `work` starts, also later, belongs to this request. */
export function withinRequest<T>(context: RequestContext, work: () => T): T {
  return contexts.run(context, work);
}
