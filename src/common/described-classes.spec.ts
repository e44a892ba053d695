import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(process.cwd(), 'src');

/** Where each class that the description of the API may show is made. */
function describedClasses(): Map<string, string[]> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = new Map<string, string[]>();
  for (const file of files) {
    const text = readFileSync(join(SOURCE, file), 'utf8');
    for (const [, name] of text.matchAll(/\bclass (\w+(?:View|Dto|Query))\b/g)) {
      found.set(name!, [...(found.get(name!) ?? []), file]);
    }
  }
  return found;
}

describe('classes of requests and answers', () => {
  // The description knows one schema a name: of two classes it would show the wrong one.
  it('have names of their own', () => {
    const classes = describedClasses();
    expect(classes.size).toBeGreaterThan(100);
    expect([...classes].filter(([, files]) => files.length > 1)).toEqual([]);
  });
});
