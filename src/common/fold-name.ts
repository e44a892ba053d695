/** A name without case, accents and forms of letters, as columns of names compare them. */
export function foldName(username: string): string {
  return username.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
