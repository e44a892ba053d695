import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** The first executable file of one of these names on PATH, then in further folders. */
export function findProgram(names: string[], furtherFolders: string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), ...furtherFolders];
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name);
      if (isExecutableFile(path)) return path;
    }
  }
  return undefined;
}

export function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not for us
  }
}
