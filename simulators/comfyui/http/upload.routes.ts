import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { FaultBoard } from '../faults.js';
import type { FileReference } from '../protocol.js';
import { isFolderType, type Storage } from '../storage.js';
import type { Exchange } from './exchange.js';
import { sendServerError, type Route } from './router.js';

/** Writes what was uploaded to the path that has been found for it. */
type Save = (file: string, bytes: Buffer, form: FormData) => Promise<void>;

export function uploadRoutes(storage: Storage, faults: FaultBoard): Route[] {
  const saveAsIs: Save = (file, bytes) => writeFile(file, bytes);
  const saveMask: Save = (file, bytes, form) => applyMask(file, bytes, form, storage);
  const uploadImage = (exchange: Exchange) =>
    faults.take('refuse_upload') ? sendServerError(exchange) : upload(exchange, storage, saveAsIs);
  return [
    { method: 'POST', path: '/upload/image', handle: uploadImage },
    { method: 'POST', path: '/upload/mask', handle: (exchange) => upload(exchange, storage, saveMask) },
  ];
}

async function upload(exchange: Exchange, storage: Storage, save: Save): Promise<void> {
  const form = await readForm(exchange);
  const image = form?.get('image');
  // A part without a file name arrives as text.
  if (!form || !(image instanceof File) || !image.name) return exchange.sendEmpty(400);
  const type = field(form, 'type') ?? 'input';
  if (!isFolderType(type)) throw new TypeError(`unknown folder type ${type}`);
  const subfolder = field(form, 'subfolder') ?? '';
  // The form parser decodes %22, the server keeps it as it came.
  const wanted: FileReference = { filename: image.name.replaceAll('"', '%22'), subfolder, type };
  const target = storage.resolve(wanted);
  if (!target || isOutside(storage.folder(type), target)) return exchange.sendEmpty(400);

  await mkdir(path.join(storage.folder(type), subfolder), { recursive: true });
  const bytes = Buffer.from(await image.arrayBuffer());
  const overwrites = ['true', '1'].includes(field(form, 'overwrite') ?? '');
  const { file, isDuplicate } = overwrites ? { file: target, isDuplicate: false } : await freePath(target, bytes);
  if (!isDuplicate) await save(file, bytes, form);
  exchange.sendJson({ name: path.relative(path.dirname(target), file), subfolder, type });
}

/** Undefined if the body is not multipart/form-data. */
async function readForm(exchange: Exchange): Promise<FormData | undefined> {
  const contentType = exchange.request.headers['content-type'] ?? '';
  const body = await exchange.body();
  if (!contentType.startsWith('multipart/form-data')) return undefined;
  return new Response(body, { headers: { 'Content-Type': contentType } }).formData();
}

/** The path itself, or `name (1).png` and so on if other bytes are there; the same bytes need no writing. */
async function freePath(target: string, bytes: Buffer): Promise<{ file: string; isDuplicate: boolean }> {
  const { dir, name, ext } = path.parse(target);
  let file = target;
  for (let attempt = 1; existsSync(file); attempt++) {
    if (bytes.equals(await readFile(file))) return { file, isDuplicate: true };
    file = path.join(dir, `${name} (${attempt})${ext}`);
  }
  return { file, isDuplicate: false };
}

/** Gives the original the alpha channel of the mask. Without the original nothing is written, and nobody is told. */
async function applyMask(file: string, mask: Buffer, form: FormData, storage: Storage): Promise<void> {
  const reference = JSON.parse(field(form, 'original_ref') ?? 'null') as Partial<FileReference> | null;
  if (!reference) throw new TypeError('original_ref is missing');
  const { filename = '', subfolder = '', type = 'output' } = reference;
  const original = filename.includes('..') ? undefined : storage.resolve({ filename, subfolder, type });
  if (!original || !existsSync(original)) return;
  const alpha = await sharp(mask).ensureAlpha().extractChannel('alpha').toBuffer();
  await sharp(original).removeAlpha().joinChannel(alpha).png().toFile(file);
}

function isOutside(folder: string, file: string): boolean {
  return path.relative(folder, file).startsWith('..');
}

function field(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
