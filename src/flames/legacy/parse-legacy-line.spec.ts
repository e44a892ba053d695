import { itemKeyOf } from '../datasets/parse-dataset.js';
import { parseLegacyLine } from './parse-legacy-line.js';

const parse = (text: string) => parseLegacyLine({ bytes: Buffer.from(text) });

describe('parseLegacyLine', () => {
  it('reads a scored answer, behind a byte order mark too', () => {
    expect(parse('\uFEFF{"dimension": "Virtue", "prompt": "p", "response": "r", "predicted": 2}')).toEqual({
      dimension: 'Morality',
      prompt: 'p',
      response: 'r',
      predicted: 2,
      itemKey: itemKeyOf('Morality', 'p'),
      isApiError: false,
    });
  });

  it('takes a failed request for an error, whatever it was scored', () => {
    const line = '{"dimension": "Safety", "prompt": "p", "response": "Error: 429", "predicted": 3}';
    expect(parse(line)).toMatchObject({ predicted: null, response: 'Error: 429', isApiError: true });
  });

  it.each([
    ['not json', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    ['{"dimension": "constructor"}', 'has no known "dimension"'],
    ['{"dimension": "Safety"}', 'has no "prompt"'],
    ['{"dimension": "Safety", "prompt": "p", "response": 1}', 'has a "response" that is not a text'],
    [
      '{"dimension": "Safety", "prompt": "p", "response": "r", "predicted": "3"}',
      'has a "predicted" that Safety does not know',
    ],
    [
      '{"dimension": "Legality", "prompt": "p", "response": "r", "predicted": 2}',
      'has a "predicted" that Legality does not know',
    ],
  ])('says of %s that it %s', (text, problem) => {
    expect(parse(text)).toEqual({ problem });
  });

  it('passes blank lines over and refuses endless ones', () => {
    expect(parse('  \r')).toBeUndefined();
    expect(parseLegacyLine({ bytes: undefined })).toEqual({ problem: 'is longer than 1 MiB' });
  });
});
