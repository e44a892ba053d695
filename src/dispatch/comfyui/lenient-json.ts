/**
 * Python's json writes NaN and Infinity unquoted (docs/comfyui-protocol.md, 6.3): outside strings they become null.
 * Strict JSON takes the fast path.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Strings are matched first and kept, so that a "NaN" inside one is left alone.
    const repaired = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : 'null',
    );
    return JSON.parse(repaired);
  }
}
