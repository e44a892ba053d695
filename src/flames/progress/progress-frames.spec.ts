import { BEGINNING, itemFrame, parseEventId, stateLine, toEventId } from './progress-frames.js';

const place = { count: 3, ended: { endedAt: new Date(1_795_348_800_123), id: 17 } };

describe('the place of a reader', () => {
  it('comes back as it was told', () => {
    expect(parseEventId(toEventId(place))).toEqual(place);
  });

  it.each([undefined, '', '1', '1-2', 'a-b-c', '1-2-3-4', ['1-2-3'], '9'.repeat(30)])(
    'is the beginning for what was never told: %p',
    (text) => expect(parseEventId(text)).toBe(BEGINNING),
  );
});

describe('the frame of an item', () => {
  it('has no name, so that EventSource hands it to onmessage, and says how many of how many', () => {
    const item = {
      dimension: 'Safety' as const,
      subcomponent: 's',
      prompt: 'p\nq',
      response: 'r',
      predicted: 3,
      status: 'scored' as const,
      errorClass: null,
      errorMessage: null,
      itemKey: 'k',
      repeatNo: 0,
      ...place.ended,
    };
    const [id, data, ...rest] = itemFrame(item, place, 9).split('\n');
    expect([id, rest]).toEqual(['id: 1795348800123-17-3', ['', '']]);
    expect(JSON.parse(data!.replace(/^data: /, ''))).toMatchObject({
      prompt: 'p\nq',
      predicted: 3,
      finished_count: 3,
      total_count: 9,
    });
  });
});

describe('the line of a task', () => {
  const task = { status: 'running', pausedAt: null, cancelRequestedAt: null, errorMessage: null } as Parameters<
    typeof stateLine
  >[0];

  it('says what a running task waits for', () => {
    expect(stateLine(task)).toBe('running');
    expect(stateLine({ ...task, errorMessage: 'The scorer is away.' })).toBe('running, waiting: The scorer is away.');
    expect(stateLine({ ...task, pausedAt: new Date() })).toBe('running, paused');
    expect(stateLine({ ...task, pausedAt: new Date(), cancelRequestedAt: new Date() })).toBe('being cancelled');
    expect(stateLine({ ...task, status: 'pending' })).toBe('pending: waiting for a runner');
  });
});
