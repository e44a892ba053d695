import { CronTime } from 'cron';

/** When a job is due: a cron expression in UTC, or a period in ms whose moments are multiples of it. */
export class Schedule {
  private readonly cron: CronTime | undefined;

  constructor(private readonly when: string | number) {
    this.cron = typeof when === 'string' ? new CronTime(when, 'UTC') : undefined;
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
