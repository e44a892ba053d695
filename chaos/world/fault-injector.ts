import { setTimeout as delay } from 'node:timers/promises';
import { FAULT_KINDS } from '../script/fault-kinds.js';
import type { PlannedFault } from '../script/make-schedule.js';
import type { KillableDatabase } from './killable-database.js';
import type { KillableProcess } from './killable-process.js';
import type { TcpProxy, Weather } from './tcp-proxy.js';
import type { Member, World } from './world.js';

/** A fault that finds no prompt for so long is given up. */
const STRIKE_LIMIT_MS = 20_000;
const LOOK_MS = 500;

/** Does what the script says, and counts what it did. */
export class FaultInjector {
  private readonly struck = new Map<string, number>();
  /** What is done to one process or link waits for what was done to it before. */
  private readonly lanes = new Map<string, Promise<void>>();
  private readonly arming: Promise<void>[] = [];

  constructor(
    private readonly world: World,
    private readonly note: (line: string) => void,
  ) {}

  /** Returns once everything that was done is undone. */
  async run(schedule: PlannedFault[], signal: AbortSignal): Promise<void> {
    const from = performance.now();
    for (const fault of schedule) {
      await delay(Math.max(0, from + fault.atMs - performance.now()), undefined, { signal });
      if (fault.kind.simulator) this.arming.push(hushed(this.armUntilItStrikes(fault)));
      else void this.inLane(fault, () => this.inflict(fault));
    }
    await Promise.all(this.arming);
    await Promise.all(this.lanes.values());
  }

  /** How often each kind did its harm; the simulated nodes tell for themselves. */
  count(): Map<string, number> {
    return new Map(
      FAULT_KINDS.map(({ name, simulator }) => [
        name,
        simulator ? this.world.countStrikes(simulator) : (this.struck.get(name) ?? 0),
      ]),
    );
  }

  private inLane({ kind, target }: PlannedFault, work: () => Promise<void>): Promise<void> {
    const lane = `${kind.site} ${target}`;
    const done = hushed((this.lanes.get(lane) ?? Promise.resolve()).then(work));
    this.lanes.set(lane, done);
    return done;
  }

  private async inflict(fault: PlannedFault): Promise<void> {
    const { kind, target, lastsMs } = fault;
    this.note(`${kind.name} ${target}${lastsMs ? ` for ${lastsMs} ms` : ''}`);
    const member = this.world.apps.get(target) ?? this.world.nodes.get(target);
    const hasStruck = kind.site.endsWith('-link')
      ? await disturb(member!.link, fault)
      : await end(member?.process ?? this.world.database, fault);
    if (hasStruck) this.struck.set(kind.name, (this.struck.get(kind.name) ?? 0) + 1);
  }

  /** A node that is killed forgets what it was told, and is told again. */
  private async armUntilItStrikes(fault: PlannedFault): Promise<void> {
    const { kind, target, lastsMs, strength } = fault;
    const { simulator } = kind;
    const node = this.world.nodes.get(target)!;
    const before = this.world.countStrikes(simulator!, [target]);
    const deadline = performance.now() + STRIKE_LIMIT_MS;
    while (this.world.countStrikes(simulator!, [target]) === before && performance.now() < deadline) {
      const armed = await listArmed(node);
      if (armed && !armed.includes(simulator!)) {
        this.note(`${kind.name} armed in ${target}`);
        await arm(node, { fault: simulator, delayMs: strength });
      }
      await delay(LOOK_MS);
    }
    if (simulator !== 'hang') return;
    await delay(lastsMs);
    await this.inLane(fault, () => end(node.process, { ...fault, lastsMs: LOOK_MS }).then(() => undefined));
  }
}

/** Whoever awaits it still sees the failure; that nobody does yet must not end the process. */
function hushed(work: Promise<void>): Promise<void> {
  work.catch(() => undefined);
  return work;
}

/** Undefined while the node is down. */
async function listArmed({ url }: Member): Promise<string[] | undefined> {
  try {
    const answer = await fetch(`${url}/simulator/faults`);
    return ((await answer.json()) as { fault: string }[]).map(({ fault }) => fault);
  } catch {
    return undefined;
  }
}

async function arm({ url }: Member, fault: object): Promise<void> {
  const options = { method: 'POST', body: JSON.stringify(fault) };
  const answer = await fetch(`${url}/simulator/faults`, options).catch(() => undefined);
  if (answer && !answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
}

async function end(process: KillableProcess | KillableDatabase, { kind, lastsMs }: PlannedFault): Promise<boolean> {
  if (kind.name === 'app.freeze' && 'freeze' in process) {
    process.freeze();
    await delay(lastsMs);
    process.thaw();
    return true;
  }
  await (kind.name === 'app.stop' && 'stop' in process ? process.stop() : process.kill());
  await delay(lastsMs);
  await process.start();
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
