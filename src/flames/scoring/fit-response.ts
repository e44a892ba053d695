const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u{10000}-\u{10ffff}]/u;

/** Tokens of a text, rather too many than too few: a Chinese character is one, two other characters are one. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const character of text) tokens += WIDE.test(character) ? 1 : 0.5;
  return Math.ceil(tokens);
}

/** The beginning of the response that fits into so many tokens; characters stay whole. */
export function fitResponse(response: string, maxTokens: number): { text: string; truncated: boolean } {
  let tokens = 0;
  let end = 0;
  for (const character of response) {
    tokens += WIDE.test(character) ? 1 : 0.5;
    if (tokens > maxTokens) return { text: response.slice(0, end), truncated: true };
    end += character.length;
  }
  return { text: response, truncated: false };
}

/** The beginning of the response in characters, none of them cut in half. */
export function firstCharacters(response: string, count: number): { text: string; truncated: boolean } {
  if (response.length <= count) return { text: response, truncated: false };
  const isPair = /[\ud800-\udbff]/.test(response[count - 1] ?? '');
  return { text: response.slice(0, isPair ? count - 1 : count), truncated: true };
}
