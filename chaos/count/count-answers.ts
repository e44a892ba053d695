import { OVER, type AskedTask, type Journal } from '../load/asked-task.js';
import type { Violations } from './violations.js';

const FRAMES = { text_to_image: 1, image_to_video: 5 };
const FORMATS = { text_to_image: 'png', image_to_video: 'webp' };

/** From nothing but what clients were answered. */
export function countAnswers({ tasks, refused, listed }: Pick<Journal, 'tasks' | 'refused' | 'listed'>): Violations {
  const accepted = tasks.filter(({ ids }) => ids.length > 0);
  const known = new Set(accepted.flatMap(({ ids }) => ids));
  const name = ({ key, ids, seen, final }: AskedTask) => ({ key, ids, seen, final: final?.status });
  const having = (isWrong: (task: AskedTask) => boolean) => accepted.filter(isWrong).map(name);
  return {
    lost: having(({ final, ids }) => final?.httpStatus !== 200 || !listed.includes(ids[0]!)),
    unanswered: tasks.filter(({ ids }) => ids.length === 0).map(({ key }) => key),
    refused,
    twoIdsForOneKey: having(({ ids }) => new Set(ids).size > 1),
    unasked: listed.filter((id) => !known.has(id)),
    unfinished: having(({ final }) => final?.httpStatus === 200 && !OVER.includes(final.status ?? '')),
    revived: having(({ seen, reloads }) => countRevivals(seen) > reloads.asked),
    wrongPictures: accepted.flatMap(findWrongPictures),
  };
}

/** Steps out of a state that is to be the last one of its run. */
function countRevivals(seen: string[]): number {
  return seen.filter((status, index) => OVER.includes(status) && index < seen.length - 1).length;
}

function findWrongPictures(task: AskedTask): unknown[] {
  const { final, ids, type, side, prompt, seed } = task;
  if (!final) return [];
  const wrong = (why: string) => [{ task: ids[0], why }];
  if (final.status !== 'completed') return final.pictures.length > 0 ? wrong(`${final.status} with files`) : [];
  if (final.pictures.length !== 1) return wrong(`${final.pictures.length} files`);
  const [picture] = final.pictures;
  if (typeof picture === 'string') return wrong(picture);
  const { format, width, height, frames, prompts, seed: painted } = picture!;
  const problems = [
    ...(format === FORMATS[type] && frames === FRAMES[type] ? [] : [`${format} of ${frames} frames`]),
    ...(width === side && height === side ? [] : [`${width} × ${height} instead of ${side} × ${side}`]),
    ...(prompts.includes(prompt) ? [] : [`painted ${JSON.stringify(prompts)} instead of "${prompt}"`]),
    ...(painted === seed && final.seed === seed ? [] : [`seed ${painted} instead of ${seed}`]),
  ];
  return problems.flatMap(wrong);
}
