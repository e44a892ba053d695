import type { WorkflowParameterDefinition } from '../../shared/index.js';
import { checkMapping } from './check-parameters.js';

const graph = { '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, color: 'red' } } };
const width: WorkflowParameterDefinition = {
  name: 'width',
  nodeId: '1',
  inputName: 'width',
  type: 'int',
  description: '',
  isOpenToClients: true,
};

describe('a mapping of parameters', () => {
  it('is good where nodes, inputs, ranges and defaults fit', () => {
    expect(checkMapping([{ ...width, min: 8, max: 64, defaultValue: 64 }], graph)).toEqual([]);
    expect(checkMapping([{ ...width, options: [8, 16], defaultValue: 8, isRequired: true }], graph)).toEqual([]);
    expect(checkMapping([{ ...width, name: 'seed', defaultValue: -1 }], graph)).toEqual([]);
  });

  it.each<[string, Partial<WorkflowParameterDefinition>]>([
    ['names node 9', { nodeId: '9' }],
    ['names node constructor', { nodeId: 'constructor' }],
    ['names input breadth', { inputName: 'breadth' }],
    ['must be a whole number', { defaultValue: '64' }],
    ['must not be less than 8', { min: 8, defaultValue: 4 }],
    ['must not be more than 8', { max: 8, defaultValue: 16 }],
    ['must be one of 8, 16', { options: [8, 16], defaultValue: 64 }],
    ['min 9 is above max 8', { min: 9, max: 8 }],
    ['min and max are for numbers', { type: 'string', inputName: 'color', min: 1 }],
    ['its option "a" must be a whole number', { options: ['a'] }],
    ['options hold nothing', { options: [] }],
    ['is required, but a submit may not set it', { isRequired: true, isOpenToClients: false }],
    ['is drawn from all seeds', { name: 'seed', max: 5 }],
  ])('is refused where it %s', (problem, change) => {
    expect(checkMapping([{ ...width, ...change }], graph)).toEqual([expect.stringContaining(problem)]);
  });

  it('leaves links to the graph: open JSON in their place could be another link', () => {
    const linked = { '1': { class_type: 'SaveImage', inputs: { images: ['2', 0] } } };
    const images = { ...width, name: 'images', inputName: 'images', type: 'json' as const };
    expect(checkMapping([images], linked)).toEqual([expect.stringContaining('in the place of a link')]);
    expect(checkMapping([{ ...images, isOpenToClients: false }], linked)).toEqual([]);
  });

  it('sets no input twice, and no name', () => {
    expect(checkMapping([width, { ...width, name: 'other' }], graph)).toEqual(['two parameters set width of node 1']);
    expect(checkMapping([width, { ...width, inputName: 'height' }], graph)).toEqual(['parameter width is there twice']);
  });
});
