import { toUSVString } from 'node:util';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from './errors.js';

/** How JSON writes half of a surrogate pair, which no UTF-8 can hold. */
const MAY_BE_HALF = /\\ud[89a-f]/;

/** Deeper than anything that is sent in earnest; what reads bodies calls itself for each level. */
const DEEPEST = 100;

/** The library that makes DTOs takes such a field for the class of what holds it. */
const MISREAD = '"constructor":';

/** Whether there are more levels of objects and lists than these. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

/**
 * Replaces halves of characters in bodies (a page that cuts a text in the middle of an emoji sends one) by U+FFFD, as
 * every encoding to UTF-8 does: a database's JSON refuses them, long after the request was taken. Bodies that are too
 * deep to be read, or would be misread, are refused.
 */
@Injectable()
export class WellFormedPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type !== 'body' || typeof value !== 'object' || value === null) return value;
    if (isDeeperThan(DEEPEST, value)) {
      throw new InvalidInputError([{ field: 'body', message: `The body has more than ${DEEPEST} levels.` }]);
    }
    const text = JSON.stringify(value);
    if (text.includes(MISREAD)) {
      throw new InvalidInputError([{ field: 'body', message: 'No field can be called "constructor".' }]);
    }
    if (!MAY_BE_HALF.test(text)) return value;
    return JSON.parse(text, (_, each: unknown) => (typeof each === 'string' ? toUSVString(each) : each));
  }
}
