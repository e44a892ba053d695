import { SettingsSchema } from '../../config/index.js';
import { CHANGEABLE_SETTINGS } from './changeable-settings.js';
import { checkValue, describeValues, readStored, toStored, typeOf, valueIn } from './setting-values.js';

const setting = (key: string) => CHANGEABLE_SETTINGS.find((known) => known.key === key)!;

describe('settings that may change', () => {
  it('are settings of the file, whose defaults they take', () => {
    const defaults = SettingsSchema.parse({});
    for (const known of CHANGEABLE_SETTINGS) {
      expect(checkValue(known, valueIn(defaults as never, known))).toEqual({
        value: valueIn(defaults as never, known),
      });
    }
  });

  it('have a range where they are numbers', () => {
    const numbers = CHANGEABLE_SETTINGS.filter((known) => ['int', 'float'].includes(typeOf(known)));
    expect(numbers.filter(({ range }) => range === undefined)).toEqual([]);
    const refused = numbers.filter((known) =>
      [known.range!.min, known.range!.max].some((bound) => checkValue(known, bound).problem !== undefined),
    );
    expect(refused).toEqual([]);
  });

  it('are no secrets, and no addresses of servers', () => {
    const keys = CHANGEABLE_SETTINGS.map(({ key }) => key);
    expect(keys.filter((key) => /password|secret|token|signing|host|port|mysql/.test(key))).toEqual([]);
  });

  it('tell their types and ranges', () => {
    expect(typeOf(setting('limits.queue'))).toBe('int');
    expect(typeOf(setting('dispatch.ageing_seconds'))).toBe('float');
    expect(typeOf(setting('auth.registration'))).toBe('string');
    expect(describeValues(setting('auth.registration'))).toEqual({ type: 'string', enum: ['closed', 'open'] });
    expect(describeValues(setting('retention.audit_days'))).toMatchObject({ minimum: 90, maximum: 36_500 });
  });

  it.each([
    ['limits.queue', 0],
    ['limits.queue', '5'],
    ['limits.queue', 1.5],
    ['limits.queue', null],
    ['limits.queue', 1e12],
    ['retention.metric_days', 1e6],
    ['retention.audit_days', 89],
    ['retention.client_data_days', 0.5],
    ['auth.registration', 'ajar'],
    ['dispatch.strategy', { $gt: '' }],
  ])('refuse for %s the value %j', (key, value) => {
    expect(checkValue(setting(key), value).problem).toEqual(expect.any(String));
  });

  it.each([
    ['limits.queue', '5', 'a whole number from 1 to 1000000000'],
    ['limits.queue', -1, 'a whole number from 1 to 1000000000'],
    ['dispatch.ageing_seconds', 'x', 'a number from 1 to 31536000'],
    ['retention.client_data_days', -1, '0 or a number from 1 to 36500'],
    ['auth.registration', 'ajar', 'one of closed, open'],
  ])('say of %s and %j what it must be', (key, value, words) => {
    expect(checkValue(setting(key), value).problem).toBe(`it must be ${words}`);
  });

  it.each([
    ['limits.queue', 7],
    ['dispatch.affinity_load', 0.5],
    ['retention.client_data_days', 0],
    ['retention.audit_days', 90],
    ['auth.registration', 'open'],
  ])('read %s as it was stored', (key, value) => {
    expect(readStored(setting(key), toStored(value))).toEqual({ value });
  });

  it.each(['', 'many', '-1', '[1]', 'null', '{'])('find what a hand wrote wrong: %j', (text) => {
    expect(readStored(setting('limits.queue'), text).problem).toEqual(expect.any(String));
  });
});
