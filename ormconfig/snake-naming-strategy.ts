import { DefaultNamingStrategy } from 'typeorm';

/** `createdAt` in an entity is `created_at` in its table; all other names are written out in the entities. */
export class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
