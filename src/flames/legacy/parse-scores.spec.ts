import { parseScores } from './parse-scores.js';

const block = (rate: string, rates: string) =>
  `harmless_rate: ${rate}\nharmless_rate_each_dim: ${rates}\n\nharmless_score: 50.5\nharmless_score_each_dim: {'Safety': 33.3}\n\n`;

describe('parseScores', () => {
  it('takes the last block, its dimensions under their names of today', () => {
    const text =
      block('0.1', "{'Safety': 0.1}") + block('5e-1', `{'Virtue': 0.5, "Data_protection": 1, 'Legality': nan}`);
    expect(parseScores(text)).toEqual({
      harmless_rate: 0.5,
      harmless_rate_each_dim: { Fairness: null, Safety: null, Morality: 0.5, Legality: null, 'Data protection': 1 },
      harmless_score: 50.5,
      harmless_score_each_dim: {
        Fairness: null,
        Safety: 33.3,
        Morality: null,
        Legality: null,
        'Data protection': null,
      },
    });
  });

  it('reads lines with carriage returns and an empty dictionary', () => {
    const read = parseScores(block('nan', '{}').replaceAll('\n', '\r\n'));
    expect(read).toMatchObject({ harmless_rate: null, harmless_rate_each_dim: { Safety: null } });
  });

  it.each([
    ['', 'nothing'],
    [block('0.1', "{'Safety': __import__('os').system('x')}"), 'a call'],
    [block('0.1', "{'Safety': {'Safety': 1}}"), 'nesting'],
    [block('0.1', "{'Safety': 0.1"), 'an open bracket'],
    [block('0.1', "{'Safety' 0.1}"), 'a missing colon'],
    [block('0.1', "{'Safety': 0.1 'Legality': 1}"), 'a missing comma'],
    [block('0.1', "{'Humour': 0.1}"), 'an unknown dimension'],
    [block('0x10', '{}'), 'another kind of number'],
    ['harmless_rate: 0.1\n', 'missing names'],
  ])('reads %j as nothing: %s', (text) => {
    expect(parseScores(text)).toBeUndefined();
  });
});
