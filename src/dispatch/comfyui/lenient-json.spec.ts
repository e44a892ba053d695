import { parseLenient } from './lenient-json.js';

describe('parseLenient', () => {
  it('reads strict JSON as it is', () => {
    expect(parseLenient('{"a": [1, "NaN"]}')).toEqual({ a: [1, 'NaN'] });
  });

  it('turns bare NaN and Infinity into null, and leaves those inside strings alone', () => {
    expect(parseLenient('{"a": NaN, "b": [-Infinity, Infinity], "c": "is \\"NaN\\", Infinity"}')).toEqual({
      a: null,
      b: [null, null],
      c: 'is "NaN", Infinity',
    });
  });

  it('still refuses what is no JSON at all', () => {
    expect(() => parseLenient('{"a": NaN')).toThrow(SyntaxError);
  });
});
