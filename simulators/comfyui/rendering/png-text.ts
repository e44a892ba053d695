import { crc32 } from 'node:zlib';

/** Signature and IHDR chunk: text chunks go behind them. */
const headLength = 33;

/** Adds tEXt chunks to a PNG: that is where ComfyUI leaves the prompt and the workflow. */
export function withPngText(png: Buffer, texts: Record<string, unknown>): Buffer {
  const chunks = Object.entries(texts).map(([keyword, value]) => textChunk(keyword, toAsciiJson(value)));
  return Buffer.concat([png.subarray(0, headLength), ...chunks, png.subarray(headLength)]);
}

function textChunk(keyword: string, text: string): Buffer {
  const typeAndData = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1');
  const chunk = Buffer.alloc(typeAndData.length + 8);
  chunk.writeUInt32BE(typeAndData.length - 4, 0);
  typeAndData.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typeAndData), chunk.length - 4);
  return chunk;
}

export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
