import { Injectable } from '@nestjs/common';
import { InjectDatabase, statementBatches, type Database, type Executor } from '../../database/index.js';
import type { Dimension } from '../dimensions.js';
import type { DatasetItem } from './parse-dataset.js';

export interface Dataset {
  id: number;
  number: number;
  name: string;
  itemCount: number;
  contentHash: string;
  sourceName: string | null;
  badLines: number;
  createdAt: Date;
}

export type NewDataset = Omit<Dataset, 'id' | 'createdAt'>;

export interface StoredItem {
  itemId: string;
  itemKey: string;
  dimension: Dimension;
  prompt: string;
}

const SELECT = `
  SELECT id, number, name, item_count AS itemCount, content_hash AS contentHash, source_name AS sourceName,
    bad_lines AS badLines, created_at AS createdAt
  FROM flames_datasets`;

/** SQL of datasets and their items. A dataset is written once and never changed. */
@Injectable()
export class DatasetsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  list(): Promise<Dataset[]> {
    return this.database.rows<Dataset>(`${SELECT} ORDER BY number`);
  }

  async find(number: number, executor: Executor = this.database): Promise<Dataset | undefined> {
    const [found] = await executor.rows<Dataset>(`${SELECT} WHERE number = ?`, [number]);
    return found;
  }

  /** Those that a new one of this name and content meets. */
  listMet(transaction: Executor, { name, contentHash }: { name: string; contentHash: string }): Promise<Dataset[]> {
    return transaction.rows<Dataset>(`${SELECT} WHERE name = ? OR content_hash = ? ORDER BY number`, [
      name,
      contentHash,
    ]);
  }

  /** Also of datasets that are known from an old installation's tasks alone. */
  async listUsedNumbers(transaction: Executor): Promise<number[]> {
    const rows = await transaction.rows<{ number: number }>(
      'SELECT number FROM flames_datasets UNION SELECT dataset_id FROM task_flames WHERE dataset_id IS NOT NULL',
    );
    return rows.map(({ number }) => number);
  }

  async insert(transaction: Executor, dataset: NewDataset, items: DatasetItem[]): Promise<Dataset> {
    const { number, name, itemCount, contentHash, sourceName, badLines } = dataset;
    await transaction.run(
      `INSERT INTO flames_datasets (number, name, item_count, content_hash, source_name, bad_lines)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [number, name, itemCount, contentHash, sourceName, badLines],
    );
    const stored = (await this.find(number, transaction))!;
    for (const batch of statementBatches(items, ({ prompt }) => prompt.length)) {
      await transaction.run(
        'INSERT INTO flames_items (dataset_id, item_key, dimension, subcomponent, prompt) VALUES ?',
        [batch.map((item) => [stored.id, item.itemKey, item.dimension, item.subcomponent, item.prompt])],
      );
    }
    return stored;
  }

  /** In the order of the file. */
  listItems(id: number): Promise<StoredItem[]> {
    return this.database.rows<StoredItem>(
      `SELECT id AS itemId, item_key AS itemKey, dimension, prompt FROM flames_items WHERE dataset_id = ? ORDER BY id`,
      [id],
    );
  }

  async countByDimension(id: number): Promise<Map<Dimension, number>> {
    const rows = await this.database.rows<{ dimension: Dimension; items: string }>(
      'SELECT dimension, COUNT(*) AS items FROM flames_items WHERE dataset_id = ? GROUP BY dimension',
      [id],
    );
    return new Map(rows.map(({ dimension, items }) => [dimension, Number(items)]));
  }
}
