import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { UnauthorizedError } from '../../common/index.js';
import type { AdminAuthService } from './admin-auth.service.js';
import type { AdminRole } from './admin-role.js';
import { AdminGuard, Needs } from './admin.guard.js';

@Needs('nodes.read')
class Routes {
  inherits(): void {}
  @Needs('nodes.change')
  asksForMore(): void {}
}

class Forgotten {
  saysNothing(): void {}
}

function contextOf(controller: new () => object, handler: () => void): ExecutionContext {
  const request = { headers: { authorization: 'Bearer x' } };
  return {
    getHandler: () => handler,
    getClass: () => controller,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
}

function guardFor(role: AdminRole): AdminGuard {
  const auth = { authenticate: () => Promise.resolve({ role }) } as unknown as AdminAuthService;
  return new AdminGuard(auth, new Reflector());
}

describe('AdminGuard', () => {
  it.each([
    ['viewer', Routes, 'inherits', true],
    ['viewer', Routes, 'asksForMore', false],
    ['admin', Routes, 'asksForMore', true],
    ['admin', Forgotten, 'saysNothing', false],
    ['super_admin', Forgotten, 'saysNothing', true],
  ] as const)('%s at %p.%s: %s', async (role, controller, name, isLet) => {
    const handler = (controller.prototype as unknown as Record<string, () => void>)[name]!;
    const entered = guardFor(role).canActivate(contextOf(controller, handler));
    if (isLet) await expect(entered).resolves.toBe(true);
    else await expect(entered).rejects.toMatchObject({ kind: 'forbidden', code: 'ROLE_TOO_LOW' });
  });

  it('answers 401 before it looks at roles', async () => {
    const auth = { authenticate: () => Promise.reject(new UnauthorizedError()) } as unknown as AdminAuthService;
    const entered = new AdminGuard(auth, new Reflector()).canActivate(contextOf(Forgotten, () => undefined));
    await expect(entered).rejects.toThrow(UnauthorizedError);
  });
});
