import type { History, Direction } from './history.js';
import type { TwoSides } from './two-sides.js';
import { TOPICS } from './two-sides.js';

interface Due {
  direction: Direction;
  id: string;
}

/**
 * Delivers what no step has delivered, and in the end every event once more, all in the history's own order. A wish
 * may raise a state, so there are as many turns as it takes.
 */
export async function deliverTheRest(
  sides: TwoSides,
  ending: History['ending'],
  look: (after: string) => Promise<void>,
): Promise<void> {
  for (;;) {
    const due = (await listAll(sides)).filter(({ direction, id }) => !sides.isDelivered(direction, id));
    if (due.length === 0) break;
    await deliverAll(due);
  }
  await deliverAll(await listAll(sides));

  async function deliverAll(events: Due[]): Promise<void> {
    const ordered = shuffle(events, ending.order);
    for (let at = 0; at < ordered.length; at += ending.batchSize) {
      const batch = ordered.slice(at, at + ending.batchSize);
      for (const direction of ['states', 'wishes'] as const) {
        const ids = batch.filter((one) => one.direction === direction).map(({ id }) => id);
        if (ids.length > 0) await sides.deliver(direction, () => ids);
      }
      await look('the last deliveries');
    }
  }
}

async function listAll({ outboxes }: TwoSides): Promise<Due[]> {
  const due: Due[] = [];
  for (const direction of ['wishes', 'states'] as const) {
    const events = await outboxes[direction].listPending([TOPICS[direction]], 10_000);
    due.push(...events.map(({ id }) => ({ direction, id })));
  }
  return due;
}

function shuffle<T>(items: T[], order: number[]): T[] {
  const keyed = items.map((item, index) => ({ item, key: order[index % order.length]! }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
