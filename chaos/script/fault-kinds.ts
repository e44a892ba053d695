import type { FaultKind as SimulatorFault } from '../../simulators/comfyui/faults.js';

/** What a fault is done to; a link is the way from application processes to a node, or from one to the database. */
export type Site = 'app' | 'node' | 'database' | 'node-link' | 'database-link';

/** From, to. */
export type Range = readonly [number, number];

export interface FaultKind {
  name: string;
  site: Site;
  /** In every minute so often; one at least, so that a run of a minute already sees every kind. */
  aMinute: number;
  /** Milliseconds until the harm is undone. */
  lastsMs: Range;
  /** Of links: the delay of a packet in milliseconds, or the share that is lost; of the simulator's: its delay. */
  strength?: Range;
  /** Armed in the simulated node, which tells when it strikes. */
  simulator?: SimulatorFault;
  /** The process is gone meanwhile, and as many may be gone at once. */
  takesDown?: number;
}

/** Long enough that leases of this run's settings are taken over (LEASE_TTL_MS). */
const BEYOND_A_LEASE: Range = [4_000, 9_000];
const MOMENT: Range = [0, 0];

const simulated = (simulator: SimulatorFault, aMinute: number, strength?: Range): FaultKind => ({
  name: `node.${simulator}`,
  site: 'node',
  aMinute,
  lastsMs: MOMENT,
  strength,
  simulator,
});

const linked = (site: 'node-link' | 'database-link', aMinute: number, delayMs: Range): FaultKind[] => [
  { name: `${site}.cut`, site, aMinute, lastsMs: MOMENT },
  { name: `${site}.delay`, site, aMinute, lastsMs: [3_000, 8_000], strength: delayMs },
  { name: `${site}.loss`, site, aMinute, lastsMs: [3_000, 8_000], strength: [0.02, 0.15] },
  { name: `${site}.hold`, site, aMinute, lastsMs: [1_000, 6_000] },
];

export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'app.kill', site: 'app', aMinute: 2, lastsMs: [200, 3_000], takesDown: 2 },
  { name: 'app.freeze', site: 'app', aMinute: 1, lastsMs: BEYOND_A_LEASE, takesDown: 2 },
  { name: 'app.stop', site: 'app', aMinute: 1, lastsMs: [200, 1_000], takesDown: 2 },
  { name: 'node.kill', site: 'node', aMinute: 2, lastsMs: [200, 6_000], takesDown: 3 },
  { name: 'database.kill', site: 'database', aMinute: 1, lastsMs: [200, 2_000], takesDown: 1 },
  ...linked('node-link', 2, [20, 200]),
  ...linked('database-link', 1, [2, 20]),
  simulated('out_of_memory', 2),
  simulated('execution_error', 1),
  simulated('drop_socket', 2),
  simulated('nan', 2),
  simulated('lose_history', 2),
  simulated('late_history', 2, [500, 3_000]),
  simulated('history_race', 2, [500, 3_000]),
  simulated('http_500', 2),
  simulated('http_500_after_queue', 2),
  simulated('drop_answer', 2),
  simulated('lose_file', 2),
  simulated('cut_file', 2),
  simulated('refuse', 2),
  simulated('slow', 2, [500, 5_000]),
  simulated('die', 1),
  // Until a node's worker is known to be stuck, only a restart frees it: it is killed when the time is over.
  { ...simulated('hang', 1), lastsMs: [3_000, 8_000], takesDown: 3 },
];
