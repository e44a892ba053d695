import { comparePlaces, placeOf, type LineRules, type Place, type TaskClass } from './place-in-line.js';

/**
 * In which order the heads of classes are read: by level, and within a level one class of each user before the second
 * of any, so that whoever asks for many different things hides nobody behind the bound of a round (I22).
 */
export function orderClasses<T extends TaskClass>(classes: T[], rules: LineRules): T[] {
  const placed = classes.map((of) => ({ of, place: placeOf(of, rules) }));
  placed.sort((a, b) => comparePlaces(a.place, b.place));
  const seen = new Map<string, number>();
  const ranked = placed.map(({ of, place }, index) => {
    const rank = (seen.get(of.userId) ?? -1) + 1;
    seen.set(of.userId, rank);
    return { of, place, rank, index };
  });
  ranked.sort((a, b) => compareLevels(a.place, b.place) || a.rank - b.rank || a.index - b.index);
  return ranked.map(({ of }) => of);
}

/** Below 0: `a` stands higher, whoever has more running. */
export function compareLevels(a: Place, b: Place): number {
  return Number(b.isOverdue) - Number(a.isOverdue) || (a.isOverdue ? 0 : b.level - a.level);
}
