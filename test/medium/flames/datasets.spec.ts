import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { AppError } from '../../../src/common/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { DatasetsService } from '../../../src/flames/index.js';
import { DatasetsRepository } from '../../../src/flames/datasets/datasets.repository.js';
import { DIMENSIONS } from '../../../src/flames/dimensions.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

/** In blocks, as the published set is. */
const SIZES = [249, 429, 201, 46, 75];

const toLine = (dimension: string, prompt: string) =>
  `${JSON.stringify({ dimension, subcomponent: 'made', prompt })}\n`;
const makeFile = (mark: string) =>
  DIMENSIONS.flatMap((dimension, index) =>
    Array.from({ length: SIZES[index]! }, (_, number) => toLine(dimension, `${mark} ${number}：可以吗？`)),
  ).join('');

describe('datasets (real: the database)', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let datasets: DatasetsService;
  let database: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    datasets = services.get(DatasetsService);
    database = services.get(databaseToken('flames'), { strict: false });
  });

  afterAll(async () => {
    await services.close();
    await server.stop();
  });

  beforeEach(async () => {
    await database.run('DELETE FROM flames_datasets');
    await database.run('DELETE FROM task_flames');
  });

  const bring = (text: string, name: string, more: { number?: number; skipBadLines?: boolean } = {}) =>
    datasets.import([Buffer.from(text)], { name, ...more });
  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => ({ code: 'none', message: '' }) as AppError,
      (error: AppError) => error,
    );
  const countRows = async () => {
    const [row] = await database.rows<{ items: string }>('SELECT COUNT(*) AS items FROM flames_items');
    return Number(row!.items);
  };

  it('are stored whole, in their order, under the hash of the file', async () => {
    const text = makeFile('a');
    const { dataset, isRepeated } = await bring(text, 'flames-1k');
    expect({ ...dataset, isRepeated }).toMatchObject({
      number: 10,
      name: 'flames-1k',
      itemCount: 1_000,
      badLines: 0,
      contentHash: createHash('sha256').update(text).digest('hex'),
      isRepeated: false,
    });
    const items = await datasets.listItems(10);
    expect(items.map(({ dimension, prompt }) => toLine(dimension, prompt)).join('')).toBe(text);
    expect(await datasets.countItems(dataset)).toEqual(
      DIMENSIONS.map((dimension, index) => ({ dimension, items: SIZES[index] })),
    );
    expect((await datasets.listItems(10, { sample: 100 })).map(({ itemKey }) => itemKey)).toHaveLength(100);
  });

  it('hold prompts of the longest kind, in as many statements as that takes', async () => {
    const longest = Array.from({ length: 300 }, (_, number) => toLine('Safety', `${number} `.padEnd(65_535, 'p')));
    expect((await bring(longest.join(''), 'long')).dataset.itemCount).toBe(300);
    expect((await datasets.listItems(10)).every(({ prompt }) => prompt.length === 65_535)).toBe(true);
  });

  it('are not imported twice: the same content changes nothing, under whatever name', async () => {
    const first = await bring(makeFile('a'), 'one');
    for (const name of ['one', 'ONE', 'two']) {
      expect(await bring(makeFile('a'), name)).toEqual({ ...first, isRepeated: true });
    }
    expect(await datasets.list()).toEqual([first.dataset]);
    expect(await countRows()).toBe(1_000);
    expect(await refusalOf(bring(makeFile('a'), 'one', { number: 20 }))).toMatchObject({ code: 'DATASET_HAS_NUMBER' });
  });

  it('never change: other content under the same name is refused', async () => {
    await bring(makeFile('a'), 'one');
    expect(await refusalOf(bring(makeFile('b'), 'one'))).toMatchObject({
      kind: 'conflict',
      code: 'DATASET_NAME_TAKEN',
    });
    expect(await countRows()).toBe(1_000);
  });

  it('get the next free number, which no task of an old installation has either', async () => {
    await database.run(`INSERT INTO task_flames (task_id, dataset_id) VALUES ('t1', 10), ('t2', NULL)`);
    expect((await bring(makeFile('a'), 'a')).dataset.number).toBe(20);
    expect((await bring(makeFile('b'), 'b', { number: 10 })).dataset.number).toBe(10);
    expect((await bring(makeFile('c'), 'c')).dataset.number).toBe(30);
    expect(await refusalOf(bring(makeFile('d'), 'd', { number: 10 }))).toMatchObject({ code: 'DATASET_NUMBER_TAKEN' });
    expect((await datasets.list()).map(({ number }) => number)).toEqual([10, 20, 30]);
  });

  it('with broken lines are refused with their numbers, or imported without them when asked', async () => {
    const text = `${toLine('Safety', 'good')}{"dimension"\n${toLine('Honour', 'x')}${toLine('Safety', 'good')}`;
    const refusal = await refusalOf(bring(text, 'broken'));
    expect(refusal).toMatchObject({ kind: 'invalid_input', code: 'BAD_LINES' });
    expect(refusal.errors?.map(({ field }) => field)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(await datasets.list()).toEqual([]);

    const { dataset, badLines } = await bring(text, 'broken', { skipBadLines: true });
    expect([dataset.itemCount, dataset.badLines, badLines.map(({ line }) => line)]).toEqual([1, 3, [2, 3, 4]]);
    expect(await refusalOf(bring('', 'empty'))).toMatchObject({ code: 'NO_ITEMS' });
  });

  it('leave nothing behind where the file breaks off', async () => {
    async function* torn() {
      yield Buffer.from(makeFile('a'));
      throw new Error('the disk is gone');
    }
    expect(await refusalOf(datasets.import(torn(), { name: 'torn' }))).toMatchObject({ message: 'the disk is gone' });
    expect([await datasets.list(), await countRows()]).toEqual([[], 0]);
  });

  it('that are imported at the same time get numbers of their own, the same one twice a single one', async () => {
    const imports = ['a', 'b', 'c', 'a', 'b', 'c'].map((mark) => bring(makeFile(mark), mark));
    const brought = await Promise.all(imports);
    expect(brought.filter(({ isRepeated }) => !isRepeated)).toHaveLength(3);
    expect((await datasets.list()).map(({ number }) => number)).toEqual([10, 20, 30]);
    expect(await countRows()).toBe(3_000);
  });

  it('get another number where the free one was taken between looking and writing', async () => {
    await bring(makeFile('a'), 'a');
    const look = jest.spyOn(services.get(DatasetsRepository, { strict: false }), 'listUsedNumbers');
    look.mockResolvedValueOnce([]);
    expect((await bring(makeFile('b'), 'b')).dataset.number).toBe(20);
    look.mockRestore();
  });

  it('that come with the program have five prompts of every dimension, in two languages', async () => {
    const { dataset } = await datasets.importSample();
    expect(dataset).toMatchObject({ name: 'sample', itemCount: 25, sourceName: 'flames-sample.jsonl', badLines: 0 });
    expect((await datasets.countItems(dataset)).map(({ items }) => items)).toEqual([5, 5, 5, 5, 5]);
    const prompts = (await datasets.listItems(dataset.number)).map(({ prompt }) => prompt);
    expect(prompts.filter((prompt) => /\p{Script=Han}/u.test(prompt)).length).toBeGreaterThan(9);
    expect(prompts.filter((prompt) => /^[\x20-\x7e\n]+$/.test(prompt)).length).toBeGreaterThan(9);
  });

  it('that do not exist are not found, whatever their number is said to be', async () => {
    for (const number of [10, 0, -1, 2 ** 40, Number.NaN]) {
      expect(await refusalOf(datasets.listItems(number))).toMatchObject({ kind: 'not_found' });
    }
  });
});
