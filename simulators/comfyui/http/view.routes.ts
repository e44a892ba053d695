import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import type { FaultBoard } from '../faults.js';
import { isFolderType, splitAnnotation, type Storage } from '../storage.js';
import type { Exchange } from './exchange.js';
import type { Route } from './router.js';

const contentTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.flac': 'audio/flac',
  '.json': 'application/json',
  '.txt': 'text/plain',
};

export function viewRoutes(storage: Storage, faults: FaultBoard): Route[] {
  return [{ method: 'GET', path: '/view', handle: (exchange) => view(exchange, storage, faults) }];
}

async function view(exchange: Exchange, storage: Storage, faults: FaultBoard): Promise<void> {
  const asked = exchange.query('filename');
  if (asked === undefined) return exchange.sendEmpty(404);
  const { filename, type: annotated } = splitAnnotation(asked);
  const type = annotated ?? exchange.query('type') ?? 'output';
  if (!filename || filename.startsWith('/') || filename.includes('..') || !isFolderType(type)) {
    return exchange.sendEmpty(400);
  }
  const name = path.basename(filename);
  const file = storage.resolve({ filename: name, subfolder: exchange.query('subfolder') ?? '', type });
  if (!file) return exchange.sendEmpty(403);
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile() || faults.take('lose_file')) return exchange.sendEmpty(404);

  const disposition = { 'Content-Disposition': `filename="${name}"` };
  const preview = exchange.query('preview');
  const channel = exchange.query('channel');
  if (preview !== undefined) return sendPreview(exchange, file, preview, disposition);
  if (channel === 'rgb' || channel === 'a') return sendChannel(exchange, file, channel, disposition);
  if (faults.take('cut_file')) return cutFile(exchange, file, info.size);
  await sendFile(exchange, file, info, disposition);
}

async function sendPreview(exchange: Exchange, file: string, preview: string, headers: Record<string, string>) {
  const [wanted, quality] = preview.split(';');
  const format = wanted === 'jpeg' && !exchange.query('channel')?.includes('a') ? 'jpeg' : 'webp';
  const bytes = await sharp(file)
    .toFormat(format, { quality: Number(quality) || 90 })
    .toBuffer();
  exchange.send(200, `image/${format}`, bytes, headers);
}

async function sendChannel(exchange: Exchange, file: string, channel: 'rgb' | 'a', headers: Record<string, string>) {
  if (channel === 'rgb')
    return exchange.send(200, 'image/png', await sharp(file).removeAlpha().png().toBuffer(), headers);
  const alpha = await sharp(file).ensureAlpha().extractChannel('alpha').toBuffer();
  const { width, height } = await sharp(alpha).metadata();
  const blank = sharp({ create: { width, height, channels: 3, background: 'black' } });
  exchange.send(200, 'image/png', await blank.joinChannel(alpha).png().toBuffer(), headers);
}

async function cutFile({ response }: Exchange, file: string, size: number): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
  await pipeline(createReadStream(file, { end: Math.floor(size / 2) }), response, { end: false });
  response.destroy();
}

interface FileInfo {
  size: number;
  mtimeMs: number;
  mtime: Date;
}

async function sendFile(exchange: Exchange, file: string, info: FileInfo, disposition: Record<string, string>) {
  const headers: Record<string, string> = {
    ...disposition,
    'Content-Type': contentTypes[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
    ETag: `"${Math.round(info.mtimeMs * 1e6).toString(16)}-${info.size.toString(16)}"`,
    'Last-Modified': info.mtime.toUTCString(),
    'Accept-Ranges': 'bytes',
  };
  const range = parseRange(exchange.request.headers.range, info.size);
  if (range === 'unsatisfiable')
    return exchange.send(416, 'text/plain', '', { 'Content-Range': `bytes */${info.size}` });
  const { start, end } = range ?? { start: 0, end: info.size - 1 };
  if (range) headers['Content-Range'] = `bytes ${start}-${end}/${info.size}`;
  exchange.response.writeHead(range ? 206 : 200, { ...headers, 'Content-Length': end - start + 1 });
  if (exchange.request.method === 'HEAD' || end < start) exchange.response.end();
  else await pipeline(createReadStream(file, { start, end }), exchange.response);
}

function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return undefined;
  const start = match[1] ? Number(match[1]) : Math.max(0, size - Number(match[2]));
  const end = match[1] && match[2] ? Math.min(Number(match[2]), size - 1) : size - 1;
  return start > end ? 'unsatisfiable' : { start, end };
}
