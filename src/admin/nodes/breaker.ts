/**
 * A circuit breaker: pure. Closed, it counts failures; too many of them within a window open it; after a pause that
 * grows with each opening it is half open, and only a canary that succeeds closes it.
 */
export interface Circuit {
  /** Half open is an open one whose pause is over, so it is a matter of the time and stored nowhere. */
  isOpen: boolean;
  /** When the failures of the window were, in ms since 1970; those of an open circuit do not count any more. */
  failuresMs: number[];
  /** Since the first of these failures. */
  successes: number;
  /** How often it opened without having been closed for long. */
  trips: number;
  /** Open: when its pause is over. Closed: when it was closed. */
  turnsAtMs: number;
  reason: string | null;
}

/** Of a node, and of single workflows on it. */
export interface Breaker {
  node?: Circuit | undefined;
  workflows: Record<string, Circuit>;
}

export interface BreakerPolicy {
  /** So many within the window open a circuit, where they are at least half of what was tried. */
  failures: number;
  windowMs: number;
  pauseMs: number;
  longestPauseMs: number;
}

export type CircuitEvent =
  | { kind: 'failed' | 'canary_failed'; atMs: number; reason: string }
  | { kind: 'succeeded' | 'canary_passed'; atMs: number };

export type CircuitState = 'closed' | 'open' | 'half_open';

const OPENING_SHARE = 0.5;
/** A node with many successes between its failures never needs more of them to be judged. */
const MOST_FAILURES = 100;

export const NO_BREAKER: Breaker = { workflows: {} };

export function stateOf(circuit: Circuit | undefined, nowMs: number): CircuitState {
  if (!circuit?.isOpen) return 'closed';
  return nowMs >= circuit.turnsAtMs ? 'half_open' : 'open';
}

/** The circuit after an event; the same object where it changes nothing, undefined where nothing is left to know. */
export function step(circuit: Circuit | undefined, event: CircuitEvent, policy: BreakerPolicy): Circuit | undefined {
  if (circuit?.isOpen) return stepOpen(circuit, event, policy);
  if (event.kind === 'failed') return countFailure(circuit, event, policy);
  if (event.kind === 'succeeded' && circuit) return countSuccess(circuit, event.atMs, policy);
  return circuit;
}

/** What still runs tells nothing that is not known: only the canary moves an open circuit. */
function stepOpen(circuit: Circuit, event: CircuitEvent, policy: BreakerPolicy): Circuit {
  if (event.kind === 'canary_passed') {
    return { ...circuit, isOpen: false, failuresMs: [], successes: 0, turnsAtMs: event.atMs };
  }
  if (event.kind === 'canary_failed') return opened(circuit.trips + 1, event, policy);
  return circuit;
}

function countFailure(
  circuit: Circuit | undefined,
  event: { atMs: number; reason: string },
  policy: BreakerPolicy,
): Circuit {
  const earlier = recent(circuit, event.atMs, policy);
  const failuresMs = [...earlier, event.atMs].slice(-MOST_FAILURES);
  const successes = earlier.length > 0 ? circuit!.successes : 0;
  const trips = circuit && !isForgiven(circuit, event.atMs, policy) ? circuit.trips : 0;
  const share = failuresMs.length / (failuresMs.length + successes);
  if (failuresMs.length >= policy.failures && share >= OPENING_SHARE) return opened(trips + 1, event, policy);
  const turnsAtMs = circuit?.turnsAtMs ?? event.atMs;
  return { isOpen: false, failuresMs, successes, trips, turnsAtMs, reason: event.reason };
}

function countSuccess(circuit: Circuit, atMs: number, policy: BreakerPolicy): Circuit | undefined {
  const failuresMs = recent(circuit, atMs, policy);
  if (failuresMs.length > 0) return { ...circuit, failuresMs, successes: circuit.successes + 1 };
  return isForgiven(circuit, atMs, policy) ? undefined : circuit;
}

function opened(trips: number, { atMs, reason }: { atMs: number; reason: string }, policy: BreakerPolicy): Circuit {
  const pauseMs = Math.min(policy.longestPauseMs, policy.pauseMs * 2 ** (trips - 1));
  return { isOpen: true, failuresMs: [], successes: 0, trips, turnsAtMs: atMs + pauseMs, reason };
}

function recent(circuit: Circuit | undefined, nowMs: number, { windowMs }: BreakerPolicy): number[] {
  return circuit?.failuresMs.filter((atMs) => nowMs - atMs < windowMs) ?? [];
}

/** Closed for as long as the longest pause: the next opening is a first one again. */
function isForgiven({ trips, turnsAtMs }: Circuit, nowMs: number, { longestPauseMs }: BreakerPolicy): boolean {
  return trips === 0 || nowMs - turnsAtMs >= longestPauseMs;
}

/** The same event on the circuit of the node, or of a workflow there. */
export function stepBreaker(
  breaker: Breaker,
  { workflow, event }: { workflow?: string | undefined; event: CircuitEvent },
  policy: BreakerPolicy,
): Breaker {
  const before = workflow === undefined ? breaker.node : breaker.workflows[workflow];
  const after = step(before, event, policy);
  if (after === before) return breaker;
  if (workflow === undefined) return { ...breaker, node: after };
  const { [workflow]: _, ...others } = breaker.workflows;
  return { ...breaker, workflows: after ? { ...others, [workflow]: after } : others };
}

/** What placement must know: no new work for the node, or none of these workflows. */
export interface NodeBreaker {
  isOpen: boolean;
  openWorkflows: string[];
  /** When a canary is tried next. */
  reopensAt: Date | undefined;
  reason: string | undefined;
}

export function toNodeBreaker({ node, workflows }: Breaker): NodeBreaker {
  const open = Object.entries(workflows).filter(([, { isOpen }]) => isOpen);
  const first = [...(node?.isOpen ? [node] : []), ...open.map(([, circuit]) => circuit)].at(0);
  return {
    isOpen: node?.isOpen ?? false,
    openWorkflows: open.map(([name]) => name),
    reopensAt: first && new Date(first.turnsAtMs),
    reason: first?.reason ?? undefined,
  };
}
