import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigration } from './create-migration.js';

const LIST = `import type { Migration } from '../../database/index.js';
import { first } from './20261121_0001-first.js';

/** In the order in which they run. */
export const CLIENT_MIGRATIONS: Migration[] = [first];
`;

describe('createMigration', () => {
  let root: string;
  let folder: string;
  const today = new Date('2026-11-22T23:59:00Z');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'migrations-'));
    folder = join(root, 'src/client/migrations');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'client-migrations.ts'), LIST);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('writes a file and lists it after the others', () => {
    createMigration({ database: 'client', name: 'add-task-notes', description: 'Adds notes.', today, root });

    const file = readFileSync(join(folder, '20261122_0001-add-task-notes.ts'), 'utf8');
    expect(file).toContain('export const addTaskNotes: Migration = {');
    expect(file).toContain(`version: '20261122_0001',\n  name: 'add-task-notes',\n  description: 'Adds notes.',`);
    expect(readFileSync(join(folder, 'client-migrations.ts'), 'utf8')).toBe(
      LIST.replace(
        `first.js';\n`,
        `first.js';\nimport { addTaskNotes } from './20261122_0001-add-task-notes.js';\n`,
      ).replace('[first]', '[\n  first,\n  addTaskNotes,\n]'),
    );
  });

  it('numbers several of one day in turn', () => {
    createMigration({ database: 'client', name: 'one', today, root });
    createMigration({ database: 'client', name: 'two', today, root });

    expect(readdirSync(folder)).toEqual(['20261122_0001-one.ts', '20261122_0002-two.ts', 'client-migrations.ts']);
    expect(readFileSync(join(folder, 'client-migrations.ts'), 'utf8')).toContain('[\n  first,\n  one,\n  two,\n]');
  });

  it.each(['', 'AddNotes', 'add_notes', '../escape', '1-first'])('refuses the name %j', (name) => {
    expect(() => createMigration({ database: 'client', name, today, root })).toThrow('kebab-case');
    expect(readdirSync(folder)).toEqual(['client-migrations.ts']);
  });

  it('says where it must run when the source is not there', () => {
    expect(() => createMigration({ database: 'admin', name: 'one', today, root })).toThrow('source folder');
  });
});
