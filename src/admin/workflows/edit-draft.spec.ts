import { checkValues } from './edit-draft.js';
import type { TemplateParameterDto } from './template.dto.js';

const parameter = { name: 'style', node_id: '1', input_name: 'style', type: 'json' } as TemplateParameterDto;
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe('values of parameters', () => {
  it('are taken where the database holds them', () => {
    const options = ['x'.repeat(500), 7];
    expect(checkValues([{ ...parameter, default_value: nested(24), options }])).toEqual([]);
    expect(checkValues()).toEqual([]);
  });

  it.each<[string, object]>([
    ['nested deeper', { default_value: nested(25) }],
    ['more than 60000 bytes', { default_value: 'é'.repeat(30_000) }],
    ['more than 500 characters', { options: ['x'.repeat(501)] }],
    ['must be texts and numbers', { options: [null] }],
    ['must be texts and numbers', { options: [{}] }],
  ])('are refused where they are %s', (problem, change) => {
    expect(checkValues([{ ...parameter, ...change }])).toEqual([expect.stringContaining(problem)]);
  });
});
