import { stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { generatePassword } from '../config/index.js';

export interface GivenPassword {
  password: string;
  /** Made here, so it must be shown: nobody knows it yet. */
  isGenerated: boolean;
}

/** From the standard input where asked for, else a new one. Never from the command line: others can see that. */
export async function readPassword(fromStdin: boolean | undefined): Promise<GivenPassword> {
  if (!fromStdin) return { password: generatePassword(16), isGenerated: true };
  return { password: await readSecret(), isGenerated: false };
}

/** The standard input without its last line end. */
export async function readSecret(): Promise<string> {
  return (await text(stdin)).replace(/\r?\n$/, '');
}
