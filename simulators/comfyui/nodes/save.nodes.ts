import { writeFile } from 'node:fs/promises';
import { PythonError } from '../python-error.js';
import type { FileReference } from '../protocol.js';
import { encodeAnimatedWebp } from '../rendering/animation.js';
import { withPngText } from '../rendering/png-text.js';
import { toSharp, type RawImage } from '../rendering/raw-image.js';
import type { Storage } from '../storage.js';
import { defineNode, type InputSpec, type NodeContext } from './node-class.js';

const hidden = { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' };
const images: InputSpec = ['IMAGE', { tooltip: 'The images to save.' }];

export const saveNodes = [
  defineNode<{ images: RawImage[]; filename_prefix: string }>({
    name: 'SaveImage',
    displayName: 'Save Image',
    category: 'image',
    description: 'Saves the input images to your ComfyUI output directory.',
    required: {
      images,
      filename_prefix: ['STRING', { default: 'ComfyUI', tooltip: 'The prefix for the file to save.' }],
    },
    hidden,
    output: [],
    outputNode: true,
    run: async (inputs, context) => {
      const files = reserve(context.storage, 'output', inputs.filename_prefix, inputs.images);
      return { ui: { images: await writePngs(files, inputs.images, context) } };
    },
  }),

  defineNode<{ images: RawImage[] }>({
    name: 'PreviewImage',
    displayName: 'Preview Image',
    category: 'image',
    description: 'Saves the input images to your ComfyUI output directory.',
    required: { images: ['IMAGE', {}] },
    hidden,
    output: [],
    outputNode: true,
    run: async (inputs, context) => {
      const files = reserve(context.storage, 'temp', `ComfyUI_temp_${context.instanceName}`, inputs.images);
      return { ui: { images: await writePngs(files, inputs.images, context) } };
    },
  }),

  defineNode<{ images: RawImage[]; filename_prefix: string; fps: number; lossless: boolean; quality: number }>({
    name: 'SaveAnimatedWEBP',
    category: 'image/animation',
    pythonModule: 'comfy_extras.nodes_images',
    required: {
      images: ['IMAGE', {}],
      filename_prefix: ['STRING', { default: 'ComfyUI' }],
      fps: ['FLOAT', { default: 6, min: 0.01, max: 1000, step: 0.01 }],
      lossless: ['BOOLEAN', { default: true }],
      quality: ['INT', { default: 80, min: 0, max: 100 }],
      method: [['default', 'fastest', 'slowest']],
    },
    hidden,
    output: [],
    outputNode: true,
    run: async ({ images: frames, filename_prefix, ...options }, { storage, graph }) => {
      const file = storage.reserve({
        type: 'output',
        prefix: filename_prefix,
        count: 1,
        size: sizeOf(frames),
        extension: 'webp',
      })[0];
      if (!file) throw new Error('No name for the animation');
      await writeFile(pathOf(storage, file), await encodeAnimatedWebp(frames, { ...options, prompt: graph }));
      return { ui: { images: [file], animated: [true] } };
    },
  }),
];

function reserve(storage: Storage, type: 'output' | 'temp', prefix: string, pictures: RawImage[]): FileReference[] {
  return storage.reserve({ type, prefix, count: pictures.length, size: sizeOf(pictures), extension: 'png' });
}

async function writePngs(files: FileReference[], pictures: RawImage[], { storage, graph, extraData }: NodeContext) {
  const texts = { prompt: graph, ...(extraData.extra_pnginfo as Record<string, unknown> | undefined) };
  const writes = files.map(async (file, index) => {
    const picture = pictures[index];
    if (!picture) throw new RangeError(`No picture for ${file.filename}`);
    const png = await toSharp(picture).png({ compressionLevel: 4 }).toBuffer();
    await writeFile(pathOf(storage, file), withPngText(png, texts));
  });
  await Promise.all(writes);
  return files;
}

function sizeOf([first]: RawImage[]): { width: number; height: number } {
  if (!first) throw new PythonError('IndexError', 'index 0 is out of bounds for dimension 0 with size 0');
  return first;
}

function pathOf(storage: Storage, file: FileReference): string {
  const resolved = storage.resolve(file);
  if (!resolved) throw new Error(`${file.subfolder} leads out of ${file.type}`);
  return resolved;
}
