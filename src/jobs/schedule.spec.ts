import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Schedule } from './schedule.js';

const at = (text: string) => new Date(`2026-11-22T${text}Z`);

/** The cron expressions of all jobs, as their files give them. */
function cronsOfJobs(): string[] {
  const folder = join(process.cwd(), 'src/jobs');
  const files = readdirSync(folder).filter((file) => file.endsWith('.job.ts'));
  return files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/schedule = '(.+)'/g)].map(([, cron]) => cron!),
  );
}

describe('Schedule', () => {
  it.each([
    ['0 5 * * * *', '10:04:59', '10:05:00'],
    ['0 5 * * * *', '10:05:00', '11:05:00'],
    [60_000, '10:04:59.500', '10:05:00'],
    [60_000, '10:05:00', '10:06:00'],
  ])('%s comes next after %s at %s', (when, time, next) => {
    expect(new Schedule(when).nextAfter(at(time))).toEqual(at(next));
  });

  it.each([
    ['0 5 * * * *', '08:05:00', '08:59:59', undefined],
    ['0 5 * * * *', '08:05:00', '09:05:00', '09:05:00'],
    ['0 5 * * * *', '01:05:00', '09:20:00', '09:05:00'],
    [60_000, '01:00:00', '09:20:30', '09:20:00'],
    [60_000, '09:20:00', '09:20:59', undefined],
  ])('%s after %s missed at %s: %s', (when, last, now, due) => {
    expect(new Schedule(when).missedSince(at(last), at(now))).toEqual(due && at(due));
  });

  it('finds the last moment that was due after years without any run', () => {
    const daily = new Schedule('0 10 3 * * *');
    expect(daily.missedSince(new Date(0), at('02:00:00'))).toEqual(new Date('2026-11-21T03:10:00Z'));
  });

  it.each([
    ['0 2 * * * *', 'every hour at minute 2'],
    ['0 40 1 * * *', 'every day at 01:40 UTC'],
    ['30 5 * * * *', 'every hour at minute 5:30'],
    ['5 * * * * *', 'every minute at second 5'],
    ['5 0,15,30,45 * * * *', 'every hour at minutes 0:05, 15:05, 30:05 and 45:05'],
    ['30 40 1 * * *', 'every day at 01:40:30 UTC'],
    ['0 0,30 3 * * *', 'by the cron expression 0 0,30 3 * * * in UTC'],
    ['0 */5 * * * *', 'by the cron expression 0 */5 * * * * in UTC'],
    ['0 0 3 * * 1', 'by the cron expression 0 0 3 * * 1 in UTC'],
    [3_600_000, 'every hour'],
    [600_000, 'every 10 minutes'],
    [1_500, 'every 1500 ms'],
  ])('says %s as "%s"', (when, words) => {
    expect(new Schedule(when).inWords).toBe(words);
  });

  it('has words for every job', () => {
    const crons = cronsOfJobs();
    expect(crons.length).toBeGreaterThan(10);
    const words = crons.map((cron) => new Schedule(cron).inWords);
    expect(words.filter((each) => each.startsWith('by '))).toEqual([]);
  });
});
