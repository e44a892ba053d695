/** An INSERT holds so many rows, or fewer where they are long: the server takes 16 MiB in one packet. */
export const ROWS_A_STATEMENT = 500;
const LETTERS_A_STATEMENT = 1_000_000;

/** Cuts rows into what one statement carries; `lettersOf` says how long a row is. */
export function* statementBatches<T>(rows: Iterable<T>, lettersOf: (row: T) => number): Generator<T[]> {
  let batch: T[] = [];
  let letters = 0;
  for (const row of rows) {
    if (batch.length === ROWS_A_STATEMENT || letters > LETTERS_A_STATEMENT) {
      yield batch;
      [batch, letters] = [[], 0];
    }
    batch.push(row);
    letters += lettersOf(row);
  }
  if (batch.length > 0) yield batch;
}
