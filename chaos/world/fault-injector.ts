import { setTimeout as delay } from 'node:timers/promises';
import { FAULT_KINDS } from '../script/fault-kinds.js';
import type { PlannedFault } from '../script/make-schedule.js';
import type { KillableDatabase } from './killable-database.js';
import type { KillableProcess } from './killable-process.js';
import type { TcpProxy, Weather } from './tcp-proxy.js';
import type { Member, World } from './world.js';

/** How long a node that is down is waited for, to be told of its next fault. */
const ARM_LIMIT_MS = 20_000;

/** Does what the script says, and counts what it did. */
export class FaultInjector {
  private readonly struck = new Map<string, number>();
  /** What is done to one process or link waits for what was done to it before. */
  private readonly lanes = new Map<string, Promise<void>>();

  constructor(
    private readonly world: World,
    private readonly note: (line: string) => void,
  ) {}

  /** Returns once everything that was done is undone. */
  async run(schedule: PlannedFault[], signal: AbortSignal): Promise<void> {
    const from = performance.now();
    for (const fault of schedule) {
      await delay(Math.max(0, from + fault.atMs - performance.now()), undefined, { signal });
      const lane = `${fault.kind.site} ${fault.target}`;
      const before = this.lanes.get(lane) ?? Promise.resolve();
      const done = before.then(() => this.inflict(fault));
      // Seen at the end: a failure must not end the process before.
      done.catch(() => undefined);
      this.lanes.set(lane, done);
    }
    await Promise.all(this.lanes.values());
  }

  /** How often each kind did its harm; the simulated nodes tell for themselves. */
  count(): Map<string, number> {
    const strikes = this.world.countStrikes();
    return new Map(
      FAULT_KINDS.map(({ name, simulator }) => [
        name,
        (simulator ? strikes.get(simulator) : this.struck.get(name)) ?? 0,
      ]),
    );
  }

  private async inflict(fault: PlannedFault): Promise<void> {
    const { kind, target, lastsMs } = fault;
    this.note(`${kind.name} ${target}${lastsMs ? ` for ${lastsMs} ms` : ''}`);
    if (kind.simulator) return this.arm(fault);
    const member = this.world.apps.get(target) ?? this.world.nodes.get(target);
    const hasStruck = kind.site.endsWith('-link')
      ? await disturb(member!.link, fault)
      : await end(member?.process ?? this.world.database, fault);
    if (hasStruck) this.struck.set(kind.name, (this.struck.get(kind.name) ?? 0) + 1);
  }

  private async arm({ kind, target, lastsMs, strength }: PlannedFault): Promise<void> {
    const node = this.world.nodes.get(target)!;
    await tell(node, { fault: kind.simulator, delayMs: strength });
    if (kind.simulator !== 'hang') return;
    const hangs = this.world.countStrikes().get('hang') ?? 0;
    const deadline = performance.now() + ARM_LIMIT_MS;
    while ((this.world.countStrikes().get('hang') ?? 0) === hangs && performance.now() < deadline) await delay(250);
    await delay(lastsMs);
    await node.process.kill();
    await node.process.start();
  }
}

async function tell(node: Member, fault: object): Promise<void> {
  const deadline = performance.now() + ARM_LIMIT_MS;
  for (;;) {
    try {
      const answer = await fetch(`${node.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (answer.ok) return;
      throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(250);
    }
  }
}

async function end(process: KillableProcess | KillableDatabase, { kind, lastsMs }: PlannedFault): Promise<boolean> {
  const isFrozen = kind.name === 'app.freeze' && 'freeze' in process;
  if (isFrozen) process.freeze();
  else await (kind.name === 'app.stop' ? process.stop() : process.kill());
  await delay(lastsMs);
  if (isFrozen) process.thaw();
  else await process.start();
  return true;
}

/** False where nothing went over the link meanwhile. */
async function disturb(link: TcpProxy, { kind, lastsMs, strength }: PlannedFault): Promise<boolean> {
  const before = link.hits;
  const weathers: Record<string, Weather> = {
    delay: { delayMs: strength },
    loss: { lossShare: strength },
    hold: { isHeld: true },
  };
  const weather = weathers[kind.name.split('.')[1]!];
  if (weather) {
    link.setWeather(weather);
    await delay(lastsMs);
    link.setWeather({});
  } else link.cut();
  return link.hits > before;
}
