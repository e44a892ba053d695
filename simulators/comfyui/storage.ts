import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { PythonError } from './python-error.js';
import type { FileReference, FolderType } from './protocol.js';

const folderTypes: readonly string[] = ['output', 'input', 'temp'];

export const isFolderType = (value: unknown): value is FolderType => folderTypes.includes(value as string);

/** The three folders of a node on disk, and the rules by which names in requests become paths. */
export class Storage {
  constructor(readonly root: string) {}

  /** Makes the folders, and empties temp/ as every start of the server does. */
  prepare(): void {
    rmSync(this.folder('temp'), { recursive: true, force: true });
    for (const type of folderTypes) mkdirSync(path.join(this.root, type), { recursive: true });
  }

  folder(type: FolderType): string {
    return path.join(this.root, type);
  }

  /** The path of a file, or undefined if the subfolder leads out of its folder. */
  resolve({ filename, subfolder, type }: FileReference): string | undefined {
    const folder = this.folder(type);
    const directory = path.resolve(folder, subfolder);
    if (directory !== folder && !directory.startsWith(folder + path.sep)) return undefined;
    return path.join(directory, filename);
  }

  /** The path behind a name as LoadImage takes it: `sub/name.png` or `sub/name.png [output]`. */
  annotatedPath(name: string): string {
    const { filename, type } = splitAnnotation(name);
    return path.join(this.folder(type ?? 'input'), filename);
  }

  hasAnnotated(name: string): boolean {
    const file = this.annotatedPath(name);
    return existsSync(file) && statSync(file).isFile();
  }

  /** Names directly in a folder; those of input/ are the choices of LoadImage. */
  files(type: FolderType): string[] {
    const entries = readdirSync(this.folder(type), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  }

  /** Names for `count` new files `<prefix>_00001_.png`, counted on from the highest that exists. */
  reserve({ type, prefix, count, size, extension }: Reservation): FileReference[] {
    const expanded = path.normalize(expandPrefix(prefix, size));
    const subfolder = path.dirname(expanded) === '.' ? '' : path.dirname(expanded);
    const base = path.basename(expanded);
    const directory = this.resolve({ filename: '', subfolder, type });
    if (!directory) throw new PythonError('Exception', 'Saving image outside the output folder is not allowed.');
    mkdirSync(directory, { recursive: true });
    const first = highestCounter(readdirSync(directory), base) + 1;
    return Array.from({ length: count }, (_, index) => {
      const counter = String(first + index).padStart(5, '0');
      const filename = `${base.replaceAll('%batch_num%', String(index))}_${counter}_.${extension}`;
      return { filename, subfolder, type };
    });
  }
}

interface Reservation {
  type: FolderType;
  prefix: string;
  count: number;
  /** For %width% and %height% in the prefix. */
  size: Size;
  extension: 'png' | 'webp' | 'mp4' | 'flac';
}

interface Size {
  width: number;
  height: number;
}

/** Splits `name.png [output]` into the name and the folder it is annotated with. */
export function splitAnnotation(name: string): { filename: string; type?: FolderType } {
  const match = /^(.*?) ?\[(output|input|temp)\]$/.exec(name);
  return match?.[1] !== undefined && isFolderType(match[2])
    ? { filename: match[1], type: match[2] }
    : { filename: name };
}

function highestCounter(names: string[], base: string): number {
  const counters = names
    .filter((name) => name.startsWith(`${base}_`))
    .map((name) => Number.parseInt(name.slice(base.length + 1), 10))
    .filter((counter) => !Number.isNaN(counter));
  return Math.max(0, ...counters);
}

function expandPrefix(prefix: string, { width, height }: Size): string {
  const now = new Date();
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return prefix
    .replaceAll('%width%', String(width))
    .replaceAll('%height%', String(height))
    .replaceAll('%year%', String(now.getFullYear()))
    .replaceAll('%month%', twoDigits(now.getMonth() + 1))
    .replaceAll('%day%', twoDigits(now.getDate()))
    .replaceAll('%hour%', twoDigits(now.getHours()))
    .replaceAll('%minute%', twoDigits(now.getMinutes()))
    .replaceAll('%second%', twoDigits(now.getSeconds()));
}
