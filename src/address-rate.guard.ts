import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Clock, networkOf, RateWindows } from './common/index.js';
import { SETTINGS, type Settings } from './config/index.js';

const NOT_LIMITED = 'not limited';

/** For routes that must answer in a flood too. */
export const NotLimited = () => SetMetadata(NOT_LIMITED, true);

/** Stops the flood of one address, signed in or not; users are limited behind their guard (UserRates). */
@Injectable()
export class AddressRateGuard implements CanActivate {
  private readonly windows: RateWindows;

  constructor(
    private readonly reflector: Reflector,
    clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.windows = new RateWindows(clock, 60_000);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(NOT_LIMITED, [context.getHandler(), context.getClass()])) return true;
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    this.windows.count(networkOf(ip), this.settings.limits.requestsPerAddress);
    return true;
  }
}
