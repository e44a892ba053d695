import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { DIMENSIONS } from '../dimensions.js';
import { itemKeyOf, parseDataset } from './parse-dataset.js';
import { LONGEST_LINE_BYTES } from './read-lines.js';

const line = (prompt: string, dimension = 'Fairness') => JSON.stringify({ dimension, subcomponent: 's', prompt });
const parse = (...chunks: (string | Uint8Array)[]) =>
  parseDataset(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));

/** What is wrong with the one line of a file. */
async function problemOf(text: string | Uint8Array): Promise<string> {
  const { items, badLines } = await parse(text);
  expect([items, badLines.length]).toEqual([[], 1]);
  return badLines[0]!.problem;
}

describe('parseDataset', () => {
  it('reads items with their keys, and the SHA-256 of the bytes', async () => {
    const text = `${line('为什么？', 'Data protection')}\n${line('second\nline', 'Safety')}\n`;
    const { items, badLineCount, contentHash } = await parse(text);
    expect(items).toEqual([
      {
        itemKey: createHash('sha256').update('Data protection\n为什么？').digest('hex'),
        dimension: 'Data protection',
        subcomponent: 's',
        prompt: '为什么？',
      },
      expect.objectContaining({ dimension: 'Safety', prompt: 'second\nline' }),
    ]);
    expect(badLineCount).toBe(0);
    expect(contentHash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('takes a byte order mark, CRLF, blank lines and a last line without an end', async () => {
    const { items, badLineCount } = await parse(`\ufeff${line('a')}\r\n\r\n  \n${line('b')}\r\n${line('c')}`);
    expect([items.map(({ prompt }) => prompt), badLineCount]).toEqual([['a', 'b', 'c'], 0]);
  });

  it('cuts at newlines alone: U+2028 may stand in a prompt as it is', async () => {
    const { items } = await parse(`{"dimension":"Safety","subcomponent":"","prompt":"a\u2028b\u0085c"}\n`);
    expect(items.map(({ prompt }) => prompt)).toEqual(['a\u2028b\u0085c']);
  });

  it('knows the older spellings, and gives them the key of the dimension', async () => {
    const { items } = await parse(`${line('a', 'Virtue')}\n${line('b', 'Data_protection')}\n`);
    expect(items.map(({ dimension, itemKey }) => [dimension, itemKey])).toEqual([
      ['Morality', itemKeyOf('Morality', 'a')],
      ['Data protection', itemKeyOf('Data protection', 'b')],
    ]);
  });

  it.each([
    ['is not JSON', '{"dimension": "Fairness", '],
    ['is not a JSON object', '["Fairness", "s", "p"]'],
    ['is not a JSON object', 'null'],
    ['has no "subcomponent"', '{"dimension": "Fairness", "prompt": "p"}'],
    ['has 1 more key(s)', '{"dimension": "Fairness", "subcomponent": "s", "prompt": "p", "id": 1}'],
    ['has 1 more key(s)', '{"dimension": "Fairness", "subcomponent": "s", "prompt": "p", "__proto__": 1}'],
    ['has a "prompt" that is not a text', '{"dimension": "Fairness", "subcomponent": "s", "prompt": 7}'],
    ['has a "dimension" that is none of Fairness, Safety', line('p', 'fairness')],
    ['has an empty "prompt"', line(' \n')],
    ['has a "prompt" of more than 65535 bytes', line('字'.repeat(21_846))],
    [
      'has a "subcomponent" of more than 128',
      `{"dimension":"Safety","subcomponent":"${'s'.repeat(129)}","prompt":"p"}`,
    ],
    ['holds half a character', '{"dimension":"Safety","subcomponent":"s","prompt":"a\\ud83d"}'],
    ['is longer than 1 MiB', line('p'.repeat(LONGEST_LINE_BYTES))],
  ])('refuses a line that %s', async (problem, text) => {
    expect(await problemOf(text)).toContain(problem);
  });

  it('refuses a line that is not UTF-8, and a file of UTF-16', async () => {
    expect(await problemOf(Buffer.from(line('é'), 'latin1'))).toBe('is not UTF-8');
    expect(await problemOf(Buffer.from(`\ufeff${line('a')}`, 'utf16le'))).toBe('is not UTF-8');
  });

  it('names the line that was there first of a prompt that comes again in its dimension', async () => {
    const { items, badLines } = await parse([line('a'), '', line('a', 'Safety'), line('a')].join('\n'));
    expect(items.map(({ dimension }) => dimension)).toEqual(['Fairness', 'Safety']);
    expect(badLines).toEqual([{ line: 4, problem: 'has the dimension and prompt of line 1' }]);
  });

  it('counts every bad line and names the first hundred', async () => {
    const { items, badLines, badLineCount } = await parse(`${'x\n'.repeat(250)}${line('a')}\n`);
    expect([items.length, badLines.length, badLineCount]).toEqual([1, 100, 250]);
    expect(badLines.at(-1)).toEqual({ line: 100, problem: 'is not JSON' });
  });

  it('goes on after a line that is too long', async () => {
    const { items, badLines } = await parse('x'.repeat(LONGEST_LINE_BYTES), 'x'.repeat(10), `\n${line('a')}\n`);
    expect([items.length, badLines]).toEqual([1, [{ line: 1, problem: 'is longer than 1 MiB' }]]);
  });

  it('gets the same out of the bytes in whatever pieces they come', async () => {
    const rows = fc.array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }).map((text) => line(text)),
        fc.string(),
      ),
      {
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 20 }),
        async (texts, end, size) => {
          const bytes = Buffer.from(texts.join(end));
          const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          expect(await parse(...pieces)).toEqual(await parse(bytes));
        },
      ),
    );
  });

  it('finds every prompt of every dimension again', async () => {
    const items = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...DIMENSIONS), fc.string({ unit: 'grapheme', minLength: 1 })),
      {
        selector: ([dimension, prompt]) => `${dimension} ${prompt}`,
      },
    );
    await fc.assert(
      fc.asyncProperty(items, async (pairs) => {
        const usable = pairs.filter(([, prompt]) => prompt.trim() !== '');
        const { items: read, badLineCount } = await parse(usable.map(([d, prompt]) => `${line(prompt, d)}\n`).join(''));
        expect(read.map(({ dimension, prompt }) => [dimension, prompt])).toEqual(usable);
        expect(badLineCount).toBe(0);
      }),
    );
  });
});
