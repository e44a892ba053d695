import { setMaxListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClosingStack } from '../launch/closing-stack.js';
import { countAnswers } from './count/count-answers.js';
import { countExecutions, countSecondAttempts } from './count/count-executions.js';
import { countTables, type Tables } from './count/count-tables.js';
import { judge, type Verdict } from './count/judge.js';
import { merge } from './count/violations.js';
import { Journal } from './load/asked-task.js';
import { fetchFinalAnswers } from './load/final-answers.js';
import { Load, USERS } from './load/load.js';
import { makeSchedule } from './script/make-schedule.js';
import { FaultInjector } from './world/fault-injector.js';
import { PASSWORD, World } from './world/world.js';

export interface ChaosOptions {
  folder: string;
  seed: number;
  minutes: number;
  opened: ClosingStack;
  signal: AbortSignal;
}

/** So long after the last task that ended, one that has not will not: takeovers, time-outs and back-offs are shorter. */
const SETTLE_PATIENCE_MS = 60_000;
const QUIET_LIMIT_MS = 60_000;
/** For a service that does not answer any more. */
const COUNT_LIMIT_MS = 300_000;
const PROGRESS_MS = 5_000;

/** One run: the world is built, loaded, disturbed and left to settle; then it is counted. */
export class ChaosRun {
  private readonly journal = new Journal();
  private readonly begunAtMs = performance.now();

  constructor(private readonly options: ChaosOptions) {}

  /** Rejects where it cannot be counted. */
  async run(): Promise<Verdict> {
    const { folder, seed, minutes, opened } = this.options;
    const schedule = makeSchedule(seed, minutes);
    this.write('schedule.json', schedule);
    this.say(`seed ${seed}, ${minutes} min, ${schedule.length} faults; the run lies in ${folder}`);
    const world = await World.build({ folder, seed, users: USERS, opened, say: (line) => this.say(line) });
    const events: string[] = [];
    const injector = new FaultInjector(world, (line) => events.push(`${this.seconds()} ${line}`));
    const load = new Load(
      [...world.apps.values()].map(({ url }) => url),
      ...([this.journal, seed, this.options.signal] as const),
    );
    await load.begin(PASSWORD);
    this.report(load, injector);
    try {
      await Promise.all([load.run(minutes), injector.run(schedule, this.options.signal)]);
      this.say('the load is over and all faults are undone; waiting for every task to end');
      await load.settle(SETTLE_PATIENCE_MS);
      return await this.count(world, load, injector);
    } finally {
      this.write('faults.log', events.join('\n'));
    }
  }

  private async count(world: World, load: Load, injector: FaultInjector): Promise<Verdict> {
    const { seed, minutes } = this.options;
    const signal = AbortSignal.any([this.options.signal, AbortSignal.timeout(COUNT_LIMIT_MS)]);
    setMaxListeners(0, signal);
    this.say('counting: every task and file over HTTP, the logs of the nodes, the tables');
    await fetchFinalAnswers(this.journal, (username) => load.clientOf(username), signal);
    const { tasks, refused, listed, answers } = this.journal;
    this.write('journal.json', { tasks, refused, listed, answers: Object.fromEntries(answers) });
    const tables = await this.countOnceQuiet(world);
    const log = world.readPromptLogs();
    const { accepted } = this.journal;
    const { attempts, runs } = tables;
    const violations = merge(
      countAnswers(this.journal),
      countExecutions({ log, attempts, runs, accepted }),
      tables.violations,
    );
    const crashes = [...world.apps].map(([name, { process }]) => `${name} ${process.deaths}`);
    const fired = injector.count();
    const secondAttempts = countSecondAttempts(log);
    const verdict = judge({ seed, minutes, journal: this.journal, violations, fired, secondAttempts });
    this.keep(verdict, { violations, attempts, runs });
    for (const line of verdict.details) this.say(line);
    this.say(
      `application processes that ended unasked: ${crashes.join(', ')}; repairs by the reconciler: ${world.countRepairs()}`,
    );
    return verdict;
  }

  /** Events may be under way for a moment after the last task has ended; whatever stays is counted. */
  private async countOnceQuiet(world: World): Promise<Tables> {
    const deadline = performance.now() + QUIET_LIMIT_MS;
    for (;;) {
      const tables = await countTables(world.settings);
      const { unpublished = [], openAssignments = [], strayFiles = [] } = tables.violations;
      const isQuiet = unpublished.length + openAssignments.length + strayFiles.length === 0;
      if (isQuiet || performance.now() > deadline) return tables;
      await delay(1_000, undefined, { signal: this.options.signal });
    }
  }

  private report(load: Load, injector: FaultInjector): void {
    const timer = setInterval(() => {
      const struck = [...injector.count().values()].reduce((sum, count) => sum + count, 0);
      const { accepted, tasks } = this.journal;
      this.say(
        `${tasks.length} asked, ${accepted.length} accepted, ${load.countUnderWay()} under way, ${struck} faults`,
      );
    }, PROGRESS_MS);
    this.options.opened.push(() => Promise.resolve(clearInterval(timer)));
  }

  private keep(verdict: Verdict, tables: object): void {
    this.write('tables.json', tables);
    this.write('verdict.json', verdict);
  }

  private write(name: string, content: unknown): void {
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 1);
    writeFileSync(join(this.options.folder, name), `${text}\n`);
  }

  private say(line: string): void {
    console.log(`${this.seconds()} ${line}`);
  }

  private seconds(): string {
    return `${((performance.now() - this.begunAtMs) / 1_000).toFixed(1).padStart(6)} s`;
  }
}
