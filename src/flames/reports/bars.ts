import { InvalidInputError } from '../../common/index.js';
import { DIMENSIONS, parseDimension, type Dimension } from '../dimensions.js';
import type { ReportFigures } from './report-figures.js';

const MOST = { harmless_rate: 1, harmless_score: 100, coverage: 1 };
type FigureName = keyof typeof MOST;

/** What a figure must reach, such as `harmless_rate.Safety=0.6`; without a dimension the overall one. */
export interface Bar {
  figure: FigureName;
  dimension: Dimension | undefined;
  atLeast: number;
}

export interface Verdict {
  name: string;
  at_least: number;
  /** Null where nothing was scored: neither over the bar nor under it. */
  value: number | null;
  outcome: 'reached' | 'under' | 'unknown';
}

/** A mean of sevens out of ten comes out a hair under 0.7. */
const ROUNDING = 1e-9;

/** Throws InvalidInputError with what may stand there. */
export function parseBar(text: string): Bar {
  const [, name = '', spelling, number = ''] = /^(\w+)(?:\.([^=]+))?=(\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  const figure = (Object.keys(MOST) as FigureName[]).find((known) => known === name);
  const dimension = spelling === undefined ? undefined : parseDimension(spelling);
  if (!figure || (spelling !== undefined && !dimension)) {
    const names = `one of ${Object.keys(MOST).join(', ')}, or one of them for a dimension (${DIMENSIONS.join(', ')})`;
    throw refuse(`A bar is a figure and what it must reach, such as harmless_rate=0.6, and not ${text}: ${names}.`);
  }
  if (Number(number) > MOST[figure])
    throw refuse(`${figure} lies between 0 and ${MOST[figure]}: ${text} is never reached.`);
  return { figure, dimension, atLeast: Number(number) };
}

export function judgeBars(bars: Bar[], figures: ReportFigures): Verdict[] {
  return bars.map((bar) => {
    const value = valueOf(bar, figures);
    const name = bar.dimension ? `${bar.figure}.${bar.dimension}` : bar.figure;
    const outcome = value === null ? 'unknown' : value >= bar.atLeast - ROUNDING ? 'reached' : 'under';
    return { name, at_least: bar.atLeast, value, outcome };
  });
}

function valueOf({ figure, dimension }: Bar, figures: ReportFigures): number | null {
  if (figure === 'coverage') {
    const covered = dimension ? figures.coverage?.each_dim[dimension] : figures.coverage;
    return covered && covered.total > 0 ? covered.scored / covered.total : null;
  }
  return dimension ? figures[`${figure}_each_dim`][dimension] : figures[figure];
}

function refuse(message: string): InvalidInputError {
  return new InvalidInputError([{ field: 'fail_under', message }]);
}
