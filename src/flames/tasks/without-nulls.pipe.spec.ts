import { WithoutNullsPipe } from './without-nulls.pipe.js';

describe('WithoutNullsPipe', () => {
  const body = (value: unknown) => new WithoutNullsPipe().transform(value, { type: 'body' });

  it('leaves out what is null, in what lies inside too, and keeps all else', () => {
    const given = { model_name: 'm', api_key: null, sample: 0, ids: [10, 20], budget: { calls: null, tokens: 5 } };
    const left = { model_name: 'm', sample: 0, ids: [10, 20], budget: { tokens: 5 } };
    expect(body(given)).toStrictEqual(left);
    expect([null, 'x', undefined].map(body)).toEqual([null, 'x', undefined]);
  });
});
