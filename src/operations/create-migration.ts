import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, NotFoundError } from '../common/index.js';
import type { DatabaseName } from '../database/index.js';

interface NewMigration {
  database: DatabaseName;
  /** In kebab-case. */
  name: string;
  description?: string;
  today: Date;
  /** The folder that holds `src`. */
  root?: string;
}

/** Writes a migration without statements, which the runner refuses, and lists it; returns the files it wrote. */
export function createMigration({ database, name, description, today, root = '.' }: NewMigration): string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    const message = `The name is ${JSON.stringify(name)}; it must be in kebab-case: add-task-notes.`;
    throw new InvalidInputError([{ field: 'name', message }]);
  }
  const folder = join(root, 'src', database, 'migrations');
  if (!existsSync(folder)) throw new NotFoundError(`${folder} is not here: run this in the project’s source folder.`);
  const version = nextVersion(folder, today);
  const file = join(folder, `${version}-${name}.ts`);
  const list = join(folder, `${database}-migrations.ts`);
  const listed = addToList(readFileSync(list, 'utf8'), version, name);
  writeFileSync(file, migrationText(version, name, description), { flag: 'wx' });
  writeFileSync(list, listed);
  return [file, list];
}

function nextVersion(folder: string, today: Date): string {
  const day = today.toISOString().slice(0, 10).replaceAll('-', '');
  const taken = readdirSync(folder).filter((file) => file.startsWith(`${day}_`));
  const last = Math.max(0, ...taken.map((file) => Number(file.slice(9, 13))));
  return `${day}_${String(last + 1).padStart(4, '0')}`;
}

function migrationText(version: string, name: string, description = `${name.replaceAll('-', ' ')}.`): string {
  return `import type { Migration } from '../../database/index.js';

/** One DDL statement a step, with explicit ALGORITHM and LOCK on every ALTER, and a way back or the reason why not. */
export const ${camelCase(name)}: Migration = {
  version: '${version}',
  name: '${name}',
  description: '${description.replace(/[\\']/g, '\\$&')}',
  steps: () => [],
};
`;
}

function addToList(text: string, version: string, name: string): string {
  const lastImport = text.lastIndexOf('import ');
  const afterImports = text.indexOf('\n', lastImport) + 1;
  const line = `import { ${camelCase(name)} } from './${version}-${name}.js';\n`;
  const withImport = text.slice(0, afterImports) + line + text.slice(afterImports);
  return withImport.replace(/= \[([^\]]*)\];/, (_, names: string) => {
    const all = [...names.split(',').map((each) => each.trim()), camelCase(name)].filter(Boolean);
    return `= [\n${all.map((each) => `  ${each},\n`).join('')}];`;
  });
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
