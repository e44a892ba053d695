import 'reflect-metadata';

const STRICT = Symbol('strict body');

/**
 * For bodies of which a dropped field would do harm: a filter that is misspelt would mean all, a bound none. A field
 * that is not there is refused by its name; on all others it is dropped, as deployed pages send what they like.
 */
export const StrictBody = (): ClassDecorator => (dto) => Reflect.defineMetadata(STRICT, true, dto);

export function isStrictBody(dto: object | undefined): boolean {
  return dto !== undefined && Reflect.getMetadata(STRICT, dto) === true;
}
