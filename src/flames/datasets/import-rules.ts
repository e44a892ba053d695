import { AppError, ConflictError, InvalidInputError } from '../../common/index.js';
import type { Dataset } from './datasets.repository.js';
import type { ParsedDataset } from './parse-dataset.js';

export interface ImportOptions {
  name: string;
  /** The `dataset_id`; the next free one where left out. */
  number?: number;
  /** Import what is usable, instead of nothing where a line is bad. */
  skipBadLines?: boolean;
  /** The file's name, for people. */
  sourceName?: string;
}

const LONGEST_NAME = 200;
const LARGEST_NUMBER = 2_147_483_647;
const LINES_IN_MESSAGE = 10;
/** Numbers have always gone up in tens: 10 was the published set, 20 a sample. */
const NUMBER_STEP = 10;

/** The name as it is kept; throws 422 where name or number cannot be. */
export function checkOptions(options: ImportOptions): ImportOptions {
  const name = options.name.trim();
  const { number } = options;
  if (name === '' || [...name].length > LONGEST_NAME) {
    throw new InvalidInputError([{ field: 'name', message: `name must hold 1 to ${LONGEST_NAME} characters.` }]);
  }
  if (number !== undefined && !isNumber(number)) {
    throw new InvalidInputError([{ field: 'number', message: 'number must be a whole number from 1.' }]);
  }
  return { ...options, name };
}

/** Whether a dataset could have this number. */
export function isNumber(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= LARGEST_NUMBER;
}

/** A file with bad lines is refused as a whole, unless it was asked to leave them out; one without items always. */
export function refuseBadFile({ items, badLines, badLineCount }: ParsedDataset, skipsBadLines: boolean): void {
  if (badLineCount > 0 && !skipsBadLines) {
    const shown = badLines.slice(0, LINES_IN_MESSAGE).map(({ line, problem }) => `line ${line} ${problem}`);
    const rest = badLineCount > shown.length ? `; and ${badLineCount - shown.length} more` : '';
    const message =
      `${badLineCount} line(s) cannot be used: ${shown.join('; ')}${rest}. ` +
      `Nothing was imported. Mend them, or ask for an import without them (${items.length} items are left).`;
    const errors = badLines.map(({ line, problem }) => ({ field: `line ${line}`, message: problem }));
    throw new AppError('invalid_input', 'BAD_LINES', message, { errors });
  }
  if (items.length === 0) {
    const problem = badLineCount > 0 ? `none of its ${badLineCount} line(s) can be used` : 'it is empty';
    throw new InvalidInputError([{ field: 'file', message: `The file holds no items: ${problem}.` }], 'NO_ITEMS');
  }
}

/** The dataset that this content was imported as before; undefined for new content under a new name. */
export function findRepeated(met: Dataset[], contentHash: string, { number }: ImportOptions): Dataset | undefined {
  const other = met.find((dataset) => dataset.contentHash !== contentHash);
  if (other) {
    throw new ConflictError(
      `There is a dataset ${other.name} (${other.number}) with other content. Datasets never change: choose another name.`,
      'DATASET_NAME_TAKEN',
    );
  }
  const [same] = met;
  if (same && number !== undefined && number !== same.number) {
    throw new ConflictError(
      `This content is here already, as dataset ${same.number} (${same.name}); it cannot have a second number.`,
      'DATASET_HAS_NUMBER',
    );
  }
  return same;
}

/** The smallest of 10, 20, … that no dataset and no task of an old installation has. */
export function nextNumber(used: number[]): number {
  const taken = new Set(used);
  let number = NUMBER_STEP;
  while (taken.has(number)) number += NUMBER_STEP;
  return number;
}
