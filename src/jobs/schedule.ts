import { CronTime } from 'cron';

const LONGEST_RETRY_MS = 60_000;
/** `1, 2 and 3`. */
const LIST = new Intl.ListFormat('en-GB');

/** When a job is due: a cron expression in UTC, or a period in ms whose moments are multiples of it. */
export class Schedule {
  private readonly cron: CronTime | undefined;

  constructor(private readonly when: string | number) {
    this.cron = typeof when === 'string' ? new CronTime(when, 'UTC') : undefined;
  }

  /** As the job gives it: the cron expression, or the period such as `600 s`. */
  get expression(): string {
    return typeof this.when === 'string' ? this.when : `${this.when / 1_000} s`;
  }

  /** For people; what has no simple words is shown as it is. */
  get inWords(): string {
    if (typeof this.when === 'number') return `every ${inUnits(this.when)}`;
    return wordsOf(this.when.split(' ')) ?? `by the cron expression ${this.when} in UTC`;
  }

  /** How long a run that failed waits: of a minute's sample another go is to come before the next one. */
  get retryMs(): number {
    const first = this.nextAfter(new Date(0));
    const periodMs = this.nextAfter(first).getTime() - first.getTime();
    return Math.min(LONGEST_RETRY_MS, periodMs / 6);
  }

  /** The first due moment after this one. */
  nextAfter(time: Date): Date {
    if (this.cron) return this.cron.getNextDateFrom(time, 'UTC').toJSDate();
    const period = Number(this.when);
    return new Date((Math.floor(time.getTime() / period) + 1) * period);
  }

  /** The last due moment up to now that comes after `last`; undefined where there is none. However many were missed, one is enough. */
  missedSince(last: Date, now: Date): Date | undefined {
    const first = this.nextAfter(last);
    if (first > now) return undefined;
    if (!this.cron) return new Date(Math.floor(now.getTime() / Number(this.when)) * Number(this.when));
    // Doubling steps back from now find the last one without walking through years of minutes.
    for (let backMs = 60_000; ; backMs *= 2) {
      const from = new Date(Math.max(now.getTime() - backMs, last.getTime()));
      let due = this.nextAfter(from);
      if (due > now) continue;
      for (let next = this.nextAfter(due); next <= now; next = this.nextAfter(due)) due = next;
      return due;
    }
  }
}

/** Of what jobs use: every minute, some minutes of every hour, one moment of every day. */
function wordsOf([second = '', minute = '', hour = '', ...days]: string[]): string | undefined {
  if (days.join(' ') !== '* * *' || !isNumber(second)) return undefined;
  if (minute === '*' && hour === '*') return `every minute at second ${second}`;
  const beyond = second === '0' ? '' : `:${second.padStart(2, '0')}`;
  const minutes = minute.split(',');
  if (!minutes.every(isNumber)) return undefined;
  if (hour === '*') {
    const moments = minutes.map((each) => `${each}${beyond}`);
    return `every hour at minute${moments.length > 1 ? 's' : ''} ${LIST.format(moments)}`;
  }
  if (minutes.length > 1 || !isNumber(hour)) return undefined;
  return `every day at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}${beyond} UTC`;
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field);
}

function inUnits(ms: number): string {
  const units = [
    { name: 'day', ms: 86_400_000 },
    { name: 'hour', ms: 3_600_000 },
    { name: 'minute', ms: 60_000 },
    { name: 'second', ms: 1_000 },
  ];
  const unit = units.find((known) => ms % known.ms === 0);
  if (!unit) return `${ms} ms`;
  const count = ms / unit.ms;
  return count === 1 ? unit.name : `${count} ${unit.name}s`;
}
