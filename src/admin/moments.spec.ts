import { readAs } from '../common/index.js';
import { OptionalMoment } from './moments.js';

class Range {
  @OptionalMoment('At this time or later.')
  from?: Date;
}

describe('a moment that is asked for', () => {
  it.each(['foo', '2026-13-01', '+900000-01-01T00:00:00Z', '0999-01-01', ['2026-11-22', '2026-11-23']])(
    'is refused once and with an example: %j',
    async (from) => {
      const message = 'from is no time; write a day such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.';
      expect((await readAs(Range, { from })).problems).toEqual([{ field: 'from', message }]);
    },
  );

  it.each(['2026-11-22', '2026-11-22T00:00:00Z'])('is read: %j', async (from) => {
    expect(await readAs(Range, { from })).toEqual({
      value: { from: new Date('2026-11-22T00:00:00Z') },
      problems: [],
    });
  });
});
