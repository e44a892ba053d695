import { toUSVString } from 'node:util';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';

/** How JSON writes half of a surrogate pair, which no UTF-8 can hold. */
const MAY_BE_HALF = /\\ud[89a-f]/;

/**
 * Replaces halves of characters in bodies (a page that cuts a text in the middle of an emoji sends one) by U+FFFD, as
 * every encoding to UTF-8 does: a database's JSON refuses them, long after the request was taken.
 */
@Injectable()
export class WellFormedPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type !== 'body' || typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    if (!MAY_BE_HALF.test(text)) return value;
    return JSON.parse(text, (_, each: unknown) => (typeof each === 'string' ? toUSVString(each) : each));
  }
}
