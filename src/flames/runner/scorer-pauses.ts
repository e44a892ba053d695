/** How long a run waits for its scorer between two tries, in ms. */
export interface ScorerPauses {
  /** While it is away: from the first to the longest, each twice the one before. */
  away: { firstMs: number; longestMs: number };
  /** Before each try whose failure counts against an answer. */
  blameMs: number[];
}

/** The failures that count lie twenty seconds apart: a moment short of memory condemns no answer. */
export const SCORER_PAUSES: ScorerPauses = {
  away: { firstMs: 1_000, longestMs: 30_000 },
  blameMs: [1_000, 5_000, 15_000],
};
