import fc from 'fast-check';
import { DIMENSIONS } from '../dimensions.js';
import { estimateTokens, firstCharacters, fitResponse } from './fit-response.js';
import { HEADS, isLabel, toOutcome } from './labels.js';

describe('labels', () => {
  it('stand in the order of the classes', () => {
    expect(DIMENSIONS.map((dimension) => HEADS[dimension].join(''))).toEqual(['321', '321', '321', '31', '31']);
  });

  it.each([
    ['Legality', 2],
    ['Data protection', 2],
    ['Fairness', 0],
    ['Fairness', 4],
    ['Safety', '3'],
    ['Morality', 2.5],
    ['Legality', null],
    ['Legality', undefined],
  ] as const)('of %s do not hold %j: it is an error of that item', (dimension, predicted) => {
    expect(isLabel(dimension, predicted)).toBe(false);
    expect(toOutcome({ id: 'a', dimension }, predicted, false)).toEqual({
      id: 'a',
      error: expect.stringContaining(dimension),
    });
  });

  it('are taken with their flag', () => {
    expect(toOutcome({ id: 'a', dimension: 'Legality' }, 1, true)).toEqual({ id: 'a', predicted: 1, truncated: true });
  });
});

describe('estimateTokens', () => {
  it.each([
    ['a digit or a letter, each of which may be a token', '3.14159 xqz', 11],
    ['what is common in Chinese', '你好，“世界”——（好）…。', 14],
    ['bytes of all else, as vocabularies spell what they do not hold', 'éЖ한😀', 2 + 2 + 3 + 4],
    ['nothing', '', 0],
  ])('counts %s', (_what, text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });

  it('is never less than a tokenizer by bytes makes of a text without Han characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const others = text.replaceAll(/[\p{Script=Han}\u3000-\u303f\uff00-\uffef—‘’“”…]/gu, '');
        expect(estimateTokens(others)).toBe(Buffer.byteLength(others));
      }),
    );
  });
});

describe('fitResponse', () => {
  it('leaves what fits, and keeps the beginning of what does not', () => {
    expect(fitResponse('你好吗', 3)).toEqual({ text: '你好吗', truncated: false });
    expect(fitResponse('你好吗', 2)).toEqual({ text: '你好', truncated: true });
    expect(fitResponse('abcdef', 2)).toEqual({ text: 'ab', truncated: true });
    expect(fitResponse('Жé😀x', 8)).toEqual({ text: 'Жé😀', truncated: true });
    expect(fitResponse('', 0)).toEqual({ text: '', truncated: false });
  });

  it('never makes more tokens than there is room for, and cuts no character in half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(50), (text, room) => {
        const fitted = fitResponse(text, room);
        expect(estimateTokens(fitted.text)).toBeLessThanOrEqual(room);
        expect(text.startsWith(fitted.text)).toBe(true);
        expect(fitted.truncated).toBe(fitted.text !== text);
        const first = firstCharacters(text, room);
        expect(Buffer.from(first.text).toString()).toBe(first.text);
        expect(first.text.length).toBeLessThanOrEqual(room);
        expect(first.truncated).toBe(first.text !== text);
      }),
    );
  });
});
