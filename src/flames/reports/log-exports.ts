import { once } from 'node:events';
import { pipeline, PassThrough, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { TaskLog } from '../logs/task-log.js';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface Export {
  mimeType: string;
  write: (pages: AsyncIterable<TaskLog[]>) => Readable;
}

const COLUMNS = ['dimension', 'predicted', 'prompt', 'response', 'item_key', 'repeat_no'] as const;
/** What a cell of Excel holds. */
const LONGEST_CELL = 32_767;
const CUT = ' … [cut: the cell holds no more]';

export const EXPORTS: Record<ExportFormat, Export> = {
  csv: { mimeType: 'text/csv; charset=utf-8', write: toCsv },
  jsonl: { mimeType: 'application/x-ndjson; charset=utf-8', write: toJsonLines },
  xlsx: { mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: toXlsx },
};

/** For spreadsheets: with a byte order mark, or Excel takes it for another encoding, and no cell is run as a formula. */
function toCsv(pages: AsyncIterable<TaskLog[]>): Readable {
  const options = {
    bom: true,
    header: true,
    columns: [...COLUMNS],
    record_delimiter: 'windows',
    escape_formulas: true,
  };
  const out = new PassThrough();
  // A failure of the source breaks the download off: the pipeline destroys what it leads to.
  pipeline(Readable.from(rowsOf(pages)), stringify(options), out, ignoreEnd);
  return out;
}

function toJsonLines(pages: AsyncIterable<TaskLog[]>): Readable {
  return Readable.from(linesOf(pages), { objectMode: false });
}

async function* linesOf(pages: AsyncIterable<TaskLog[]>): AsyncGenerator<Buffer> {
  for await (const page of pages) yield Buffer.from(page.map((log) => `${JSON.stringify(toRow(log))}\n`).join(''));
}

async function* rowsOf(pages: AsyncIterable<TaskLog[]>) {
  for await (const page of pages) yield* page.map(toRow);
}

function toXlsx(pages: AsyncIterable<TaskLog[]>): Readable {
  const out = new PassThrough();
  void writeSheet(pages, out).catch((error: Error) => out.destroy(error));
  return out;
}

async function writeSheet(pages: AsyncIterable<TaskLog[]>, out: PassThrough): Promise<void> {
  // Some 25 MiB that hardly anybody asks for.
  const { default: ExcelJS } = await import('exceljs');
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useStyles: true, useSharedStrings: false });
  const sheet = book.addWorksheet('logs', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = COLUMNS.map((key) => ({ header: key, key, width: key === 'prompt' || key === 'response' ? 60 : 16 }));
  for await (const page of pages) {
    for (const log of page) sheet.addRow(toSheetRow(log)).commit();
    // The library never waits by itself: a slow reader would have the whole sheet in memory.
    while (out.writableNeedDrain) await once(out, 'drain');
    if (out.destroyed) return;
  }
  await book.commit();
}

function toRow({ dimension, predicted, prompt, response, itemKey, repeatNo }: TaskLog) {
  return { dimension, predicted, prompt, response, item_key: itemKey, repeat_no: repeatNo };
}

function toSheetRow(log: TaskLog) {
  const { prompt, response, ...rest } = toRow(log);
  return { ...rest, prompt: toCell(prompt), response: toCell(response) };
}

function toCell(text: string): string {
  const whole = text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
  return whole.length <= LONGEST_CELL
    ? whole
    : whole.slice(0, LONGEST_CELL - CUT.length).replace(/\p{Surrogate}$/u, '') + CUT;
}

function ignoreEnd(): void {
  // Whoever reads hears of it from the stream.
}
