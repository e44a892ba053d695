import { contentDisposition, parseRange } from './byte-range.js';

describe('parseRange', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,4-5', undefined],
    ['items=0-1', undefined],
  ])('reads %j of ten bytes', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });
});

describe('contentDisposition', () => {
  it('names a file for old readers and for new ones', () => {
    expect(contentDisposition('inline', 'a b.png')).toBe('inline; filename="a b.png"');
    expect(contentDisposition('inline', '猫".png')).toBe(
      `inline; filename="__.png"; filename*=UTF-8''%E7%8C%AB%22.png`,
    );
  });

  it('cannot be broken out of', () => {
    expect(contentDisposition('inline', 'a"\r\nset-cookie: x')).not.toMatch(/[\r\n]|"a"/);
  });
});
