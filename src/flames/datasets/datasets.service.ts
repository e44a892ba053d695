import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Injectable } from '@nestjs/common';
import { ConflictError, findShippedFile, NotFoundError } from '../../common/index.js';
import { isDuplicate, type Executor } from '../../database/index.js';
import { DIMENSIONS, type Dimension } from '../dimensions.js';
import { DatasetsRepository, type Dataset, type StoredItem } from './datasets.repository.js';
import { checkOptions, findRepeated, isNumber, nextNumber, refuseBadFile, type ImportOptions } from './import-rules.js';
import { parseDataset, type BadLine, type ParsedDataset } from './parse-dataset.js';
import { stratifiedSample } from './stratified-sample.js';

export interface ImportedDataset {
  dataset: Dataset;
  /** Lines that were left out: the first hundred of `dataset.badLines`. */
  badLines: BadLine[];
  /** The same content was here already, perhaps under another name; nothing was changed. */
  isRepeated: boolean;
}

export interface DimensionSize {
  dimension: Dimension;
  items: number;
}

const SAMPLE_FILE = 'datasets/flames-sample.jsonl';
/** Each try that fails means that another import was stored: so many may arrive together. */
const MOST_TRIES = 20;

/** Datasets: brought in as files, numbered, never changed afterwards. */
@Injectable()
export class DatasetsService {
  constructor(private readonly datasets: DatasetsRepository) {}

  list(): Promise<Dataset[]> {
    return this.datasets.list();
  }

  async find(number: number): Promise<Dataset | undefined> {
    return isNumber(number) ? this.datasets.find(number) : undefined;
  }

  async get(number: number): Promise<Dataset> {
    const dataset = await this.find(number);
    if (!dataset) throw new NotFoundError(`There is no dataset ${number}.`, 'DATASET_NOT_FOUND');
    return dataset;
  }

  /** How many items each dimension has, those without any among them. */
  async countItems(dataset: Dataset): Promise<DimensionSize[]> {
    const counts = await this.datasets.countByDimension(dataset.id);
    return DIMENSIONS.map((dimension) => ({ dimension, items: counts.get(dimension) ?? 0 }));
  }

  /** All items in the order of the file, or a stratified sample of them: the same one each time. */
  async listItems(number: number, { sample }: { sample?: number } = {}): Promise<StoredItem[]> {
    const items = await this.datasets.listItems((await this.get(number)).id);
    return sample === undefined ? items : stratifiedSample(items, sample);
  }

  /** All or nothing: the file is read and judged as a whole before the first row is written. */
  async import(
    file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: ImportOptions,
  ): Promise<ImportedDataset> {
    const checked = checkOptions(options);
    const parsed = await parseDataset(file);
    refuseBadFile(parsed, checked.skipBadLines ?? false);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.datasets.transaction((transaction) => this.store(transaction, parsed, checked));
      } catch (error) {
        // Another import took the name or the number in between: looked at again, it is found and named.
        if (!isDuplicate(error) || attempt === MOST_TRIES) throw error;
      }
    }
  }

  /** The sample of our own that comes with the program, for demo and tests. */
  importSample(options: Partial<ImportOptions> = {}): Promise<ImportedDataset> {
    const file = findShippedFile(SAMPLE_FILE);
    return this.import(createReadStream(file), { name: 'sample', sourceName: basename(file), ...options });
  }

  private async store(transaction: Executor, parsed: ParsedDataset, options: ImportOptions): Promise<ImportedDataset> {
    const { items, badLines, badLineCount, contentHash } = parsed;
    const { name, sourceName = null } = options;
    const repeated = findRepeated(
      await this.datasets.listMet(transaction, { name, contentHash }),
      contentHash,
      options,
    );
    if (repeated) return { dataset: repeated, badLines, isRepeated: true };
    const number = options.number ?? nextNumber(await this.datasets.listUsedNumbers(transaction));
    // Only of a number that was asked for: a free one that another import takes meanwhile is chosen anew.
    const holder = options.number === undefined ? undefined : await this.datasets.find(number, transaction);
    if (holder) {
      throw new ConflictError(
        `The number ${number} is that of ${holder.name}; choose another.`,
        'DATASET_NUMBER_TAKEN',
      );
    }
    const fresh = { number, name, itemCount: items.length, contentHash, sourceName, badLines: badLineCount };
    return { dataset: await this.datasets.insert(transaction, fresh, items), badLines, isRepeated: false };
  }
}
