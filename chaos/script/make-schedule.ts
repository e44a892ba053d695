import { FAULT_KINDS, type FaultKind, type Site } from './fault-kinds.js';
import { SeededRandom } from './seeded-random.js';

/** One thing that goes wrong: what, when, to whom, for how long. */
export interface PlannedFault {
  kind: FaultKind;
  /** From the begin of the load. */
  atMs: number;
  /** `app-1`, `node-4`, `database`; a link is named after the app or the node at its far end. */
  target: string;
  lastsMs: number;
  strength: number;
}

export const APPS = ['app-1', 'app-2', 'app-3'];
export const NODES = ['node-1', 'node-2', 'node-3', 'node-4', 'node-5', 'node-6'];

const TARGETS: Record<Site, readonly string[]> = {
  app: APPS,
  node: NODES,
  database: ['database'],
  'node-link': NODES,
  'database-link': APPS,
};
/** What a process needs to come back to work; the next fault of its kind leaves it alone for so long. */
const RECOVERY_MS = 5_000;
/** The last ones have to end, and what they did to be healed, while there is load. */
const USED_SHARE = 0.92;

/** Pure: the same seed and length give the same faults. Every minute holds every kind, in another order each time. */
export function makeSchedule(seed: number, minutes: number): PlannedFault[] {
  const random = new SeededRandom(seed);
  const rounds = Math.max(1, Math.round(minutes));
  const roundMs = (minutes * 60_000) / rounds;
  const places = new Places(random);
  const deck = FAULT_KINDS.flatMap((kind) => Array.from({ length: kind.aMinute }, () => kind));
  const plan = Array.from({ length: rounds }, (_, round) =>
    random.shuffle(deck).map((kind, index) => {
      const share = ((index + random.next()) / deck.length) * USED_SHARE;
      return places.place(kind, (round + share) * roundMs);
    }),
  ).flat();
  return plan.sort((a, b) => a.atMs - b.atMs);
}

/** Who is hit: nobody twice at the same time in the same way, and never so many that nobody is left. */
class Places {
  private readonly busyUntil = new Map<string, number>();

  constructor(private readonly random: SeededRandom) {}

  place(kind: FaultKind, wishedMs: number): PlannedFault {
    const atMs = Math.max(wishedMs, this.freeFrom(kind));
    const free = TARGETS[kind.site].filter((target) => this.untilOf(kind, target) <= atMs);
    const target = this.random.pick(free);
    const lastsMs = Math.round(this.random.between(kind.lastsMs));
    const strength = this.random.between(kind.strength ?? [0, 0]);
    const isInstant = kind.simulator && !kind.takesDown;
    if (!isInstant) this.busyUntil.set(`${kind.site} ${target}`, atMs + lastsMs + (kind.takesDown ? RECOVERY_MS : 0));
    return { kind, atMs: Math.round(atMs), target, lastsMs, strength };
  }

  /** When a target is free, and few enough of its kind are down. */
  private freeFrom(kind: FaultKind): number {
    const targets = TARGETS[kind.site];
    const ends = targets.map((target) => this.untilOf(kind, target)).sort((a, b) => a - b);
    return ends[targets.length - (kind.takesDown ?? targets.length)]!;
  }

  /** A link whose process is down carries nothing that could be disturbed. */
  private untilOf({ site }: FaultKind, target: string): number {
    const sites: Site[] = site === 'node-link' ? [site, 'node'] : site === 'database-link' ? [site, 'app'] : [site];
    return Math.max(0, ...sites.map((each) => this.busyUntil.get(`${each} ${target}`) ?? 0));
  }
}
