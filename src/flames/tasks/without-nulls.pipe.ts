import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';

/**
 * Takes an optional field of a body that is null for one that was left out, as many clients write it: behind the
 * validation, which lets null through wherever a field may be missing.
 */
@Injectable()
export class WithoutNullsPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'body') removeNulls(value);
    return value;
  }
}

function removeNulls(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    if (field === null) delete fields[name];
    else removeNulls(field);
  }
}
