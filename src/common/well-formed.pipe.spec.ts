import { WellFormedPipe } from './well-formed.pipe.js';

describe('WellFormedPipe', () => {
  const pipe = new WellFormedPipe();
  const body = (value: unknown) => pipe.transform(value, { type: 'body' });

  it('replaces halves of characters, however deep, and nothing else', () => {
    expect(body({ prompt: 'cat \ud83d', more: [{ at: '\udce9', n: 1.5, none: null }] })).toEqual({
      prompt: 'cat \ufffd',
      more: [{ at: '\ufffd', n: 1.5, none: null }],
    });
  });

  it('hands on whole texts as they are, those that only look like an escape too', () => {
    const whole = { prompt: '猫 🐈', text: String.raw`\ud83d` };
    expect(body(whole)).toEqual(whole);
    const plain = { prompt: 'a cat' };
    expect(body(plain)).toBe(plain);
    expect(body(undefined)).toBeUndefined();
  });

  it('refuses a field that would be taken for a class, and nothing that only speaks of one', () => {
    expect(() => body({ display_name: { constructor: 1 } })).toThrow('called "constructor"');
    const words = { prompt: 'the word "constructor": here', constructor_name: 'a' };
    expect(body(words)).toBe(words);
  });

  it('refuses a body that is too deep for what reads it', () => {
    const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(pipe.transform(deep(100), { type: 'body' })).toEqual(deep(100));
    expect(() => pipe.transform(deep(20_000), { type: 'body' })).toThrow('more than 100 levels');
  });
});
