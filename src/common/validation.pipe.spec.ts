import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { InvalidInputError } from './errors.js';
import { createValidationPipe } from './validation.pipe.js';

class Wish {
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10)
  priority?: number;

  @IsOptional()
  @IsString()
  @Length(2, 4)
  name?: string;

  @IsOptional()
  @IsIn(['on', 'off'])
  state?: string;
}

describe('the check of what is sent', () => {
  const problemsOf = async (value: object, type: 'query' | 'body') => {
    const failure = createValidationPipe().transform(value, { type, metatype: Wish });
    return (
      await failure.then(
        () => undefined,
        (error: InvalidInputError) => error.errors,
      )
    )?.map(({ message }) => message);
  };

  it('says of what is not of its type nothing more', async () => {
    expect(await problemsOf({ priority: '5' }, 'body')).toEqual(['priority must be an integer number.']);
    expect(await problemsOf({ priority: 11, name: 5 }, 'body')).toEqual([
      'priority must not be greater than 10.',
      'name must be a string.',
    ]);
  });

  it('says of a parameter that an address holds twice that it must be given once', async () => {
    expect(await problemsOf({ state: ['on', 'off'], name: ['aa', 'bb'] }, 'query')).toEqual([
      'name must be given once.',
      'state must be given once.',
    ]);
    expect(await problemsOf({ state: ['on', 'off'] }, 'body')).toEqual([expect.stringContaining('one of')]);
    expect(await problemsOf({ state: 'on' }, 'query')).toBeUndefined();
  });
});
