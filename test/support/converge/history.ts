import fc from 'fast-check';

/** How an attempt ends without results; `lost` queues its task up again while it has attempts left. */
export const FAILURES = {
  lost: { errorCode: 'NODE_LOST', mayRetry: true, maxAttempts: 3 },
  unsent: { errorCode: 'NODE_LOST', mayRetry: true, isUnspent: true },
  died: { errorCode: 'NODE_LOST', mayRetry: true, maxAttempts: 3, isNodeDeath: true },
  ours: { errorCode: 'NODE_LOST', mayRetry: false },
  theirs: { errorCode: 'EXECUTION_ERROR', mayRetry: false },
} as const;
export type FailureName = keyof typeof FAILURES;

/** `expire` removes the owner's row of a finished task, as retention does. */
export type PlainAction = 'submit' | 'cancel' | 'reload' | 'expire' | 'claim' | 'giveUp' | 'progress';

export type Direction = 'wishes' | 'states';

/**
 * One step of a history. It is tried whether or not it fits: a service has to refuse what does not. `pick` and
 * `picks` choose among what exists by then, modulo its number.
 */
export type Step =
  | { do: PlainAction; task: number }
  | { do: 'complete'; task: number; pick: number; files: number }
  | { do: 'fail'; task: number; pick: number; how: FailureName }
  | { do: 'deliver'; direction: Direction; picks: number[] }
  | { do: 'deliverProgress'; pick: number };

export interface History {
  quotaLimit: number;
  steps: Step[];
  /** Keys by which the last deliveries are ordered and cut into batches. */
  ending: { order: number[]; batchSize: number };
}

export const TASKS = 3;

const task = fc.nat({ max: TASKS - 1 });
/** Mostly the newest, now and then any older one. */
const pick = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) });
const picks = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 }) },
);

const plain = (what: PlainAction, weight: number) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(what), task }),
});

const complete = fc.record({ do: fc.constant('complete' as const), task, pick, files: fc.integer({ min: 1, max: 3 }) });
const fail = fc.record({
  do: fc.constant('fail' as const),
  task,
  pick,
  how: fc.constantFrom(...(Object.keys(FAILURES) as FailureName[])),
});
const direction = fc.constantFrom<Direction>('wishes', 'states');
const deliver = fc.record({ do: fc.constant('deliver' as const), direction, picks });
const deliverProgress = fc.record({ do: fc.constant('deliverProgress' as const), pick });

/** What users and nodes do. */
const ACTIONS = [
  plain('cancel', 2),
  plain('reload', 7),
  plain('claim', 7),
  plain('giveUp', 1),
  plain('progress', 2),
  { weight: 4, arbitrary: complete },
  { weight: 5, arbitrary: fail },
  { weight: 1, arbitrary: deliverProgress },
];

const quotaLimit = fc.constantFrom(3, 5, 1_000);
const submits: Step[] = Array.from({ length: TASKS }, (_, index) => ({ do: 'submit', task: index }));

/** A history whose events arrive in any order, any number of times, some of them at its end only. */
export const anyHistory: fc.Arbitrary<History> = fc.record({
  quotaLimit,
  steps: fc
    .array(fc.oneof(...ACTIONS, plain('expire', 1), { weight: 14, arbitrary: deliver }), {
      minLength: 12,
      maxLength: 40,
      size: 'max',
    })
    .map((steps) => [...submits, ...steps]),
  ending: fc.record({
    order: fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
    batchSize: fc.integer({ min: 1, max: 10 }),
  }),
});

/** One event that can never be applied: which of the history's, counted from the first, and what is wrong with it. */
export interface Poison {
  direction: Direction;
  at: number;
  fault: 'malformed' | 'too long';
}

export const anyPoison: fc.Arbitrary<Poison> = fc.record({
  direction,
  at: fc.nat({ max: 6 }),
  fault: fc.constantFrom('malformed', 'too long'),
});

/** Rounds of actions; after each, real relays carry what is pending. */
export const anyRounds: fc.Arbitrary<Step[][]> = fc
  .array(fc.array(fc.oneof(...ACTIONS, plain('cancel', 6)), { minLength: 2, maxLength: 10 }), {
    minLength: 2,
    maxLength: 4,
  })
  .map((rounds) => [submits, ...rounds]);
