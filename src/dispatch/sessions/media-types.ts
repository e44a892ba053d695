import { extname } from 'node:path';
import type { ResultType } from '../../shared/index.js';

export interface MediaType {
  mimeType: string;
  type: ResultType;
}

const TYPES: Record<string, MediaType> = {
  '.png': { mimeType: 'image/png', type: 'image' },
  '.jpg': { mimeType: 'image/jpeg', type: 'image' },
  '.jpeg': { mimeType: 'image/jpeg', type: 'image' },
  '.webp': { mimeType: 'image/webp', type: 'image' },
  '.gif': { mimeType: 'image/gif', type: 'image' },
  '.avif': { mimeType: 'image/avif', type: 'image' },
  '.mp4': { mimeType: 'video/mp4', type: 'video' },
  '.webm': { mimeType: 'video/webm', type: 'video' },
  '.mov': { mimeType: 'video/quicktime', type: 'video' },
  '.avi': { mimeType: 'video/x-msvideo', type: 'video' },
  '.mkv': { mimeType: 'video/x-matroska', type: 'video' },
  '.flac': { mimeType: 'audio/flac', type: 'audio' },
  '.mp3': { mimeType: 'audio/mpeg', type: 'audio' },
  '.wav': { mimeType: 'audio/wav', type: 'audio' },
  '.ogg': { mimeType: 'audio/ogg', type: 'audio' },
  '.m4a': { mimeType: 'audio/mp4', type: 'audio' },
  '.opus': { mimeType: 'audio/opus', type: 'audio' },
  '.txt': { mimeType: 'text/plain', type: 'text' },
  '.json': { mimeType: 'application/json', type: 'text' },
};

/** By its ending, as savers of ComfyUI and of its extensions name what they make; undefined for one that is not known. */
export function mediaTypeOf(fileName: string): MediaType | undefined {
  return TYPES[extname(fileName).toLowerCase()];
}
