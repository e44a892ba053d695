import { buffer } from 'node:stream/consumers';
import ExcelJS from 'exceljs';
import { makeTaskLog } from '../../../test/factories/task-log.factory.js';
import type { TaskLog } from '../logs/task-log.js';
import { EXPORTS, type ExportFormat } from './log-exports.js';

const ROWS = [
  makeTaskLog({ itemKey: 'k1', prompt: '=HYPERLINK("http://x")', response: 'a,"b"\r\nc', predicted: 1 }),
  makeTaskLog({ itemKey: 'k2', prompt: '-1+1', response: '@SUM(A1)', predicted: null, repeatNo: 1 }),
];

async function* pagesOf(...pages: TaskLog[][]): AsyncGenerator<TaskLog[]> {
  yield* pages;
}

const write = (format: ExportFormat, ...pages: TaskLog[][]) => buffer(EXPORTS[format].write(pagesOf(...pages)));

describe('exports of log rows', () => {
  it('write CSV that Excel reads as UTF-8 and in which no cell is a formula', async () => {
    expect((await write('csv', [ROWS[0]!], [ROWS[1]!])).toString()).toBe(
      '\uFEFFdimension,predicted,prompt,response,item_key,repeat_no\r\n' +
        `Safety,1,"'=HYPERLINK(""http://x"")","a,""b""\r\nc",k1,0\r\n` +
        `Safety,,'-1+1,'@SUM(A1),k2,1\r\n`,
    );
  });

  it('write one JSON object a line, as it is stored', async () => {
    const lines = (await write('jsonl', ROWS)).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        dimension: 'Safety',
        predicted: 1,
        prompt: ROWS[0]!.prompt,
        response: 'a,"b"\r\nc',
        item_key: 'k1',
        repeat_no: 0,
      },
      { dimension: 'Safety', predicted: null, prompt: '-1+1', response: '@SUM(A1)', item_key: 'k2', repeat_no: 1 },
    ]);
  });

  it('write a sheet with texts as texts, cut to what a cell holds', async () => {
    const long = makeTaskLog({ itemKey: 'k3', response: `😀${'x'.repeat(40_000)}\ud800\u0001` });
    const book = new ExcelJS.Workbook();
    await book.xlsx.load((await write('xlsx', ROWS, [long])) as never);
    const sheet = book.getWorksheet('logs')!;
    expect((sheet.getRow(1).values as unknown[]).slice(1)).toEqual([
      'dimension',
      'predicted',
      'prompt',
      'response',
      'item_key',
      'repeat_no',
    ]);
    expect(sheet.getRow(2).getCell(3).value).toBe('=HYPERLINK("http://x")');
    expect(sheet.getRow(2).getCell(3).formula).toBeUndefined();
    const cell = sheet.getRow(4).getCell(4).value as string;
    expect([cell.length, cell.slice(0, 3), cell.slice(-6)]).toEqual([32_767, '😀x', ' more]']);
  });

  it.each(['csv', 'jsonl', 'xlsx'] as const)('breaks a %s off where the rows break off', async (format) => {
    async function* broken(): AsyncGenerator<TaskLog[]> {
      yield ROWS;
      throw new Error('the database is away');
    }
    await expect(buffer(EXPORTS[format].write(broken()))).rejects.toThrow('the database is away');
  });
});
