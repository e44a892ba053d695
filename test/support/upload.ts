import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import type { ApiClient } from './api-client.js';

export interface Uploaded {
  file_id: string;
  relative_path: string;
}

/** A picture that no other test has. */
export function makePicture(format: 'jpeg' | 'png' | 'webp' = 'png', side = 24): Promise<Buffer> {
  return sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

export async function upload(user: ApiClient, bytes?: Buffer, name = 'cat.png'): Promise<Uploaded> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes ?? (await makePicture()))]), name);
  return user.json<Uploaded>('POST', '/api/v2/upload/image', form);
}
