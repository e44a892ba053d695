import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(process.cwd(), 'src');
const REPOSITORY = 'admin/audit/audit-logs.repository.ts';

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => ({ file, text: readFileSync(join(SOURCE, file), 'utf8') }));

const matches = (text: string, statement: string) =>
  [...text.matchAll(new RegExp(`\\b(?:${statement})\\s+\`?audit_logs\\b`, 'gi'))].length;

/** How many statements of this kind stand in which file. */
function findStatements(statement: string): Record<string, number> {
  const found = sources.map(({ file, text }) => [file, matches(text, statement)] as const);
  return Object.fromEntries(found.filter(([, times]) => times > 0));
}

describe('the audit log', () => {
  it('is written by its repository alone', () => {
    expect(findStatements('INSERT(?: IGNORE)? INTO|REPLACE INTO')).toEqual({ [REPOSITORY]: 1 });
  });

  it('is changed by nothing', () => {
    expect(findStatements('UPDATE|TRUNCATE(?: TABLE)?|EXCHANGE PARTITION \\w+ WITH TABLE')).toEqual({});
  });

  it('loses rows to retention alone, which asks for a time', () => {
    expect(findStatements('DELETE(?: IGNORE)? FROM')).toEqual({ [REPOSITORY]: 1 });
    const text = readFileSync(join(SOURCE, REPOSITORY), 'utf8');
    const [, body = ''] = /async removeBefore\(time: Date, limit: number\)([^]*?)\n {2}\}/.exec(text) ?? [];
    expect(matches(body, 'DELETE FROM')).toBe(1);
    expect(body).toContain('created_at < ?');
  });

  it('is dropped nowhere but on the way back of the migration that made it', () => {
    expect(findStatements('DROP TABLE(?: IF EXISTS)?')).toEqual({});
  });
});
