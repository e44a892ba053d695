export interface Glyphs {
  has(codePoint: number): boolean;
}

/** Joiners, marks of direction and of presentation: nothing of them is ever seen. */
const UNSEEN = /\u00ad|[\u200b-\u200f]|[\u202a-\u202e]|[\u2060-\u2069]|[\ufe00-\ufe0f]|\ufeff/gu;
const TAB = '    ';

/** The text with every character that the font cannot draw named by its number: nothing is left out unseen. */
export function visibleText(text: string, glyphs: Glyphs): string {
  const clean = text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', TAB)
    .replace(UNSEEN, '');
  let visible = '';
  for (const character of clean) {
    const codePoint = character.codePointAt(0)!;
    visible += character === '\n' || glyphs.has(codePoint) ? character : nameOf(codePoint);
  }
  return visible;
}

/** The beginning of a text; whole characters, and a note of what was cut. */
export function cutText(text: string, longest: number): string {
  const characters = [...text];
  if (characters.length <= longest) return text;
  return `${characters.slice(0, longest).join('')} …〔共 ${characters.length} 字，此处仅列前 ${longest} 字；全文见日志下载〕`;
}

function nameOf(codePoint: number): string {
  return `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`;
}
