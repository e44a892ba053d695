import { Inject, Injectable } from '@nestjs/common';
import { Clock, InvalidInputError, LOGGER, type Logger } from '../../common/index.js';
import { CountsRepository } from './counts.repository.js';
import { StatisticsMarksRepository } from './statistics-marks.repository.js';
import { bucketsOf, dayOf, HOUR_MS, startOf, widen, type TimeRange } from './statistics-range.js';
import { addUp, countFacts, rollUp } from './task-counts.js';
import { TaskFactsRepository } from './task-facts.repository.js';
import { UserStatisticsRepository } from './user-statistics.repository.js';

/** So many hours are counted anew each hour: the relay, a node or the job itself may have been away so long. */
const RECENT_HOURS = 26;
/** Transactions that took a lower id may have ended after one with a higher id was seen. */
const IDS_IN_FLIGHT = 300;

/** What a run did. */
export interface Counted {
  hours: number;
  days: number;
  /** Beyond the last hours: others into which rows had come late. */
  late_hours?: number;
  from: string | null;
  to: string | null;
  /** Hours before it stay as they are: rows of theirs are gone. */
  rows_whole_since: string | null;
}

/**
 * Counts tasks by the hour from their rows, then days from hours. An hour is counted anew as often as one likes, and is
 * what its rows are then; but never once retention has taken some of them (`rows_whole_since`).
 */
@Injectable()
export class StatisticsService {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly facts: TaskFactsRepository,
    private readonly counts: CountsRepository,
    private readonly users: UserStatisticsRepository,
    private readonly marks: StatisticsMarksRepository,
  ) {}

  /** The last hours that are over, and older ones into which tasks came since the last time; at first all there are. */
  async countRecent(signal: AbortSignal): Promise<Counted> {
    const now = this.clock.now();
    const until = startOf(now, HOUR_MS);
    const whole = await this.findBoundary(now);
    const before = (await this.marks.find('counted_until')) ?? Infinity;
    const recent = new Date(Math.max(whole.getTime(), Math.min(before, until.getTime() - RECENT_HOURS * HOUR_MS)));
    const highest = await this.facts.findHighestId();
    const seen = (await this.marks.find('highest_task')) ?? 0;
    const newer = await this.facts.listHoursOfNewer(Math.max(0, seen - IDS_IN_FLIGHT), recent);
    const late = newer.filter((hour) => hour >= whole);
    const hours = [...late, ...bucketsOf({ from: recent, to: until }, 'hour')];
    const counted = await this.count(hours, whole, signal);
    await this.marks.writeStorage(dayOf(now));
    await this.marks.raise('highest_task', highest);
    if (until > whole) await this.marks.set('counted_until', until.getTime());
    return { ...counted, late_hours: late.length };
  }

  /** All hours of a range that are over and whose rows are there. */
  async countRange(range: TimeRange, signal: AbortSignal): Promise<Counted> {
    const now = this.clock.now();
    const whole = await this.findBoundary(now);
    const wanted = widen(range, 'hour');
    const to = new Date(Math.min(wanted.to.getTime(), startOf(now, HOUR_MS).getTime()));
    const from = new Date(Math.max(wanted.from.getTime(), whole.getTime()));
    if (wanted.to <= whole) {
      const message = `Tasks of before ${whole.toISOString()} have been removed (retention.client_data_days); what was counted of them stays.`;
      throw new InvalidInputError([{ field: 'to', message }], 'ROWS_REMOVED');
    }
    return this.count(bucketsOf({ from, to }, 'hour'), whole, signal);
  }

  private async count(hours: Date[], whole: Date, signal: AbortSignal): Promise<Counted> {
    const sorted = [...hours].sort((a, b) => a.getTime() - b.getTime());
    const days = [...new Set(sorted.map(dayOf))];
    for (const hour of sorted) {
      signal.throwIfAborted();
      await this.countHour(hour);
    }
    for (const day of days) {
      signal.throwIfAborted();
      await this.countDay(day, whole);
    }
    const last = sorted.at(-1);
    return {
      hours: sorted.length,
      days: days.length,
      from: sorted[0]?.toISOString() ?? null,
      to: last ? new Date(last.getTime() + HOUR_MS).toISOString() : null,
      rows_whole_since: whole.getTime() > 0 ? whole.toISOString() : null,
    };
  }

  private async countHour(hour: Date): Promise<void> {
    await this.marks.alone(async (transaction) => {
      // The remover may have come to this hour since the run began.
      if (hour.getTime() < ((await this.marks.find('rows_whole_since', transaction)) ?? 0)) return;
      const groups = countFacts(await this.facts.read(transaction, hour));
      await this.counts.replace(transaction, { table: 'hourly_statistics', at: hour }, groups);
    });
  }

  private async countDay(day: string, whole: Date): Promise<void> {
    await this.marks.alone(async (transaction) => {
      const groups = addUp(await this.counts.listHoursOf(transaction, day));
      await this.counts.replace(transaction, { table: 'daily_statistics', at: day }, groups);
      await this.counts.replace(transaction, { table: 'daily_rollups', at: day }, rollUp(groups));
      await this.counts.writeSystemDay(transaction, day);
      // Users are counted from rows: of a day that retention has cut into, the earlier count is the right one.
      if (new Date(day) >= whole) await this.users.renew(transaction, day);
    });
  }

  /**
   * To be called before tasks that ended up to then are removed: their hours are counted never again, nor is one being
   * counted while this returns.
   */
  async closeHoursUntil(endedAt: Date): Promise<void> {
    const next = startOf(endedAt, HOUR_MS).getTime() + HOUR_MS;
    if (((await this.marks.find('rows_whole_since')) ?? 0) >= next) return;
    await this.marks.alone((transaction) => this.marks.raise('rows_whole_since', next, transaction));
  }

  /** The first hour of which every row is still there. */
  private async findBoundary(now: Date): Promise<Date> {
    const hour = startOf(now, HOUR_MS);
    const whole = new Date((await this.marks.find('rows_whole_since')) ?? 0);
    if (whole <= hour) return whole;
    this.logger.warn(
      { rowsWholeSince: whole, now },
      'tasks were removed of hours that are still to come: the clock was ahead; counting goes on from this hour',
    );
    await this.marks.set('rows_whole_since', hour.getTime());
    return hour;
  }
}
