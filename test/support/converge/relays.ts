import { TaskStatesService } from '../../../src/client/index.js';
import { Clock, createLogger } from '../../../src/common/index.js';
import { LeaseKeeper } from '../../../src/database/index.js';
import { Signals } from '../../../src/live/index.js';
import { TaskWishesService } from '../../../src/shared/index.js';
import { readTaskState, readTaskWish } from '../../../src/sync/event-schemas.js';
import { Relay, type Route } from '../../../src/sync/relay.js';
import { waitFor } from '../wait-for.js';
import type { Direction, Poison } from './history.js';
import { TOPICS, type TwoSides } from './two-sides.js';

/** Lets the relays of both routes run until nothing is pending on either side. */
export async function relayAll(sides: TwoSides): Promise<void> {
  const { app } = sides;
  const logger = createLogger({ level: 'silent', pretty: false });
  const context = { leases: app.get(LeaseKeeper), signals: app.get(Signals), clock: app.get(Clock), logger };
  const relays = routesOf(sides).map((route) => new Relay(route, { ...context, batchSize: 4, sweepMs: 5 }));
  for (const relay of relays) relay.start();
  try {
    await waitFor(async () => (await countPending(sides)) === 0, { everyMs: 5, what: 'both outboxes to be empty' });
  } finally {
    await Promise.all(relays.map((relay) => relay.stop()));
  }
}

function routesOf({ app, outboxes }: TwoSides): Route[] {
  const [wishes, states] = [app.get(TaskWishesService), app.get(TaskStatesService)];
  return [
    {
      name: 'client-to-shared',
      topic: TOPICS.wishes,
      source: outboxes.wishes,
      wakeOn: 'client.outbox',
      apply: (events) => wishes.apply(events.map(readTaskWish)),
      onParked: ({ aggregateId }, reason) => states.rejectSubmit(aggregateId, reason),
    },
    {
      name: 'shared-to-client',
      topic: TOPICS.states,
      source: outboxes.states,
      wakeOn: 'shared.outbox',
      apply: async (events) => void (await states.applyStates(events.map(readTaskState))),
    },
  ];
}

async function countPending({ outboxes }: TwoSides): Promise<number> {
  const pending = await Promise.all([
    outboxes.wishes.listPending([TOPICS.wishes], 1),
    outboxes.states.listPending([TOPICS.states], 1),
  ]);
  return pending.flat().length;
}

const FAULTS: Record<Direction, Record<Poison['fault'], string>> = {
  wishes: {
    malformed: `JSON_SET(payload, '$.createdAt', 'yesterday')`,
    'too long': `JSON_SET(payload, '$.workflowName', REPEAT('x', 500))`,
  },
  states: {
    malformed: `JSON_SET(payload, '$.status', 'lost')`,
    'too long': `JSON_SET(payload, '$.errorCode', REPEAT('x', 100))`,
  },
};

/** Spoils the event, counted from the first, once it is written and before it is carried; the task that it is about. */
export async function spoil({ client, shared }: TwoSides, poison: Poison): Promise<string | undefined> {
  const database = poison.direction === 'wishes' ? client : shared;
  const [event] = await database.rows<{ id: string; taskId: string; isPending: number }>(
    `SELECT id, aggregate_id AS taskId, published_at IS NULL AND parked_at IS NULL AS isPending
     FROM outbox WHERE topic = ? ORDER BY id LIMIT 1 OFFSET ${poison.at}`,
    [TOPICS[poison.direction]],
  );
  if (!event || Number(event.isPending) === 0) return undefined;
  await database.run(`UPDATE outbox SET payload = ${FAULTS[poison.direction][poison.fault]} WHERE id = ?`, [event.id]);
  return event.taskId;
}
