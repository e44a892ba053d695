/** What `column LIKE ? ESCAPE '!'` takes to find a text anywhere in the column, with nothing of it as a wildcard. */
export function containing(text: string): string {
  return `%${escaped(text)}%`;
}

/** The same for a text at the beginning of the column. */
export function beginning(text: string): string {
  return `${escaped(text)}%`;
}

function escaped(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}
