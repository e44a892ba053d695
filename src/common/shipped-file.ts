import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file that comes with the program, by its name in the program's folder. */
export function findShippedFile(name: string): string {
  return join(findFolderWith(name, dirname(fileURLToPath(import.meta.url))), name);
}

/** Works from the sources and from the build alike, which lie at different depths. */
function findFolderWith(name: string, folder: string): string {
  if (existsSync(join(folder, name))) return folder;
  if (dirname(folder) === folder) throw new Error(`${name} is missing: the program is not complete; unpack it again.`);
  return findFolderWith(name, dirname(folder));
}
