/** Serialises as Python's `json` does by default: NaN and the infinities stand unquoted in the text. */
export function toPythonJson(value: unknown): string {
  const marked = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'number' && !Number.isFinite(part) ? `@@${part}@@` : part,
  );
  return marked.replaceAll(/"@@(NaN|-?Infinity)@@"/g, '$1');
}
