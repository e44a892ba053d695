import { Inject, Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { LOGGER, runningLoops, type Logger, type LoopState } from '../../common/index.js';
import { SETTINGS, type Role, type Settings } from '../../config/index.js';
import type { Problem } from './problem.js';

/** What a process with the role must keep doing, by the names that the loops have in the log. */
const LOOPS: Record<Role, string[]> = {
  api: [],
  dispatch: ['scheduler', 'fleet', 'progress', 'load'],
  sync: ['relay:client-to-shared', 'relay:shared-to-client', 'relay:progress'],
  jobs: ['job:webhooks'],
};
/** No round of these takes nearly as long, with every database and node slow. */
const STUCK_MS = 120_000;
/** A loop that fails now and then is no news; what fails again and again is not at work. */
const FAILING = 10;

/** Whether the loops of this process's roles are at work. */
@Injectable()
export class LoopCheck {
  constructor(
    private readonly registry: SchedulerRegistry,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  listProblems(): Problem[] {
    const { server, jobs } = this.settings;
    const roles = server.roles.filter((role) => role !== 'jobs' || jobs.enabled);
    const running = new Map(runningLoops(this.logger).map((loop) => [loop.name, loop]));
    const names = ['lease renewal', ...roles.flatMap((role) => LOOPS[role])];
    const problems = names.flatMap((name) => findProblem(name, running.get(name)) ?? []);
    const isClockStill = roles.includes('jobs') && !this.registry.doesExist('interval', 'jobs');
    return isClockStill ? [...problems, { words: 'the clock of scheduled jobs does not run' }] : problems;
  }
}

function findProblem(name: string, loop: LoopState | undefined): Problem | undefined {
  if (!loop) return { words: `${name} does not run` };
  if (loop.failures >= FAILING) return { words: `${name} fails again and again`, raw: loop.lastFailure };
  const roundMs = loop.roundSinceMs === undefined ? 0 : performance.now() - loop.roundSinceMs;
  return roundMs > STUCK_MS ? { words: `${name} has been in one round for minutes` } : undefined;
}
