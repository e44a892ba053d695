/** Han characters in common use and the punctuation around them: one token each in any vocabulary made for Chinese. */
const ONE_TOKEN = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef—‘’“”…]/u;

/**
 * Tokens of a text, rather too many than too few: else the scorer would refuse, or read at the wrong place. No vocabulary
 * makes more of a character than its bytes: one token of a letter or digit, up to four of an emoji. Han alone is counted
 * by common use; of a rare character it may be up to three.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const character of text) tokens += tokensOf(character);
  return tokens;
}

function tokensOf(character: string): number {
  return ONE_TOKEN.test(character) ? 1 : Buffer.byteLength(character);
}

/** The beginning of the response that fits into so many tokens; characters stay whole. */
export function fitResponse(response: string, maxTokens: number): { text: string; truncated: boolean } {
  let tokens = 0;
  let end = 0;
  for (const character of response) {
    tokens += tokensOf(character);
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
