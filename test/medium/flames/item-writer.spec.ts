import { jest } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { Clock } from '../../../src/common/index.js';
import { Budget } from '../../../src/flames/runner/budget.js';
import { ItemWriter } from '../../../src/flames/runner/item-writer.js';
import { FlamesItemsRepository } from '../../../src/flames/tasks/flames-items.repository.js';
import type { AnswerChange } from '../../../src/flames/tasks/item-change.js';
import { LostClaimError, TaskClaimsRepository, type Claim } from '../../../src/flames/tasks/task-claims.repository.js';
import { FlamesStage } from '../../support/flames-stage.js';
import { waitFor } from '../../support/wait-for.js';

const TTL_MS = 60_000;
const TOO_LARGE = 2 ** 31;

describe('the writer of items (real: the database)', () => {
  let stage: FlamesStage;
  let claim: Claim;
  let ids: number[];
  let claims: TaskClaimsRepository;

  beforeEach(async () => {
    stage = await FlamesStage.start();
    const taskId = await stage.create([await stage.bring('written', [2, 2, 2, 2, 2])]);
    claims = stage.services[0]!.get(TaskClaimsRepository, { strict: false });
    claim = (await claims.claim({ taskId, token: 0 }, 'me', TTL_MS))!;
    const items = await stage.services[0]!.get(FlamesItemsRepository, { strict: false }).listPending(taskId, 0, 10);
    ids = items.map(({ id }) => id);
  });

  afterEach(() => stage.stop());

  function open(): ItemWriter {
    const items = stage.services[0]!.get(FlamesItemsRepository, { strict: false });
    const budget = new Budget({ calls: 0, tokens: 0 }, { calls: 0, tokens: 0 });
    return new ItemWriter({ claim, claims, items, budget, clock: new Clock(), signal: new AbortController().signal });
  }

  const answer = (id: number, latencyMs = 1): AnswerChange => {
    const about = { attempts: 1, promptTokens: 1, completionTokens: 1, finishReason: 'stop' };
    return { kind: 'answered', id, text: '好', latencyMs, ...about };
  };

  async function addAll(writer: ItemWriter, change: (id: number, index: number) => AnswerChange): Promise<void> {
    for (const [index, id] of ids.entries()) await writer.add(change(id, index));
    await writer.flush();
  }

  const count = async () =>
    (await stage.countItems(claim.taskId)).map(({ items, status, errorClass }) =>
      [items, status, ...(errorClass ? [errorClass] : [])].join(' '),
    );

  const setReadOnly = async (is: boolean) => {
    const admin = await createConnection(stage.server.adminDsn);
    await admin.query(`SET GLOBAL read_only = ${is ? 1 : 0}`);
    await admin.end();
  };

  it('makes the one answer that can never be stored an error of its item, and stores the others', async () => {
    await addAll(open(), (id, index) => answer(id, index === 4 ? TOO_LARGE : 1));
    expect(await count()).toEqual(['9 answered', '1 error unstorable']);
    const [row] = await stage.database.rows<{ id: number; message: string }>(
      "SELECT id, error_message AS message FROM flames_task_items WHERE status = 'error'",
    );
    expect([Number(row!.id), row!.message]).toEqual([ids[4], expect.stringContaining('latency_ms')]);
  });

  it('makes a label that can never be stored an error of its item', async () => {
    const writer = open();
    await addAll(writer, (id) => answer(id));
    const scored = { kind: 'scored', isTruncated: false } as const;
    for (const id of ids) await writer.add({ ...scored, id, predicted: id === ids[0] ? TOO_LARGE : 3 });
    await writer.flush();
    expect(await count()).toEqual(['1 error unstorable', '9 scored']);
  });

  it.each([
    ['read-only', () => setReadOnly(true), () => setReadOnly(false)],
    ['away', () => stage.server.suspend(), () => stage.server.resume()],
  ])('tries again while the database is %s until all is stored', async (_what, begin, end) => {
    const transactions = jest.spyOn(claims, 'transaction');
    const writer = open();
    await begin();
    const written = addAll(writer, (id) => answer(id));
    await waitFor(() => transactions.mock.calls.length >= 2 || undefined, { what: 'a second try' });
    await end();
    await written;
    expect(await count()).toEqual(['10 answered']);
  });

  it('I8 ends at once when another has claimed the task, and writes nothing', async () => {
    await stage.database.run('UPDATE task_flames SET lease_token = lease_token + 1 WHERE task_id = ?', [claim.taskId]);
    const transactions = jest.spyOn(claims, 'transaction');
    const writer = open();
    await expect(addAll(writer, (id) => answer(id))).rejects.toThrow(LostClaimError);
    expect(transactions).toHaveBeenCalledTimes(1);
    await expect(writer.add(answer(ids[0]!))).rejects.toThrow(LostClaimError);
    expect(await count()).toEqual(['10 pending']);
  });
});
