/** Bytes a line may have: a prompt of the longest kind, were all of it escaped. What is longer is passed over. */
export const LONGEST_LINE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  number: number;
  /** Without its end; undefined where it was too long to be kept. */
  bytes: Buffer | undefined;
}

/**
 * Cuts bytes into lines at newlines alone (node's readline would also cut at U+2028, which JSON may hold as it is), and
 * never holds more than one line. A last line without a newline counts, an empty one does not.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Line> {
  const line = new GrowingLine();
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, to));
      yield line.take();
      from = to + 1;
    }
    line.add(chunk.subarray(from));
  }
  if (line.lengthBytes > 0) yield line.take();
}

/** The line that is being read. */
class GrowingLine {
  lengthBytes = 0;
  private number = 1;
  private pieces: Uint8Array[] = [];

  add(piece: Uint8Array): void {
    this.lengthBytes += piece.length;
    if (this.isTooLong()) this.pieces = [];
    else this.pieces.push(piece);
  }

  take(): Line {
    const line = { number: this.number, bytes: this.isTooLong() ? undefined : Buffer.concat(this.pieces) };
    this.number += 1;
    this.lengthBytes = 0;
    this.pieces = [];
    return line;
  }

  private isTooLong(): boolean {
    return this.lengthBytes > LONGEST_LINE_BYTES;
  }
}
