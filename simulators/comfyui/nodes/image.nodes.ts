import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PythonError } from '../python-error.js';
import {
  blendImages,
  blurImage,
  decodeImage,
  invertImage,
  resizeImage,
  solidImage,
  type RawImage,
} from '../rendering/raw-image.js';
import { toText } from '../validation/coerce-value.js';
import { defineNode, type InputSpec } from './node-class.js';

const image: InputSpec = ['IMAGE', {}];
const size = (min: number): InputSpec => ['INT', { default: 512, min, max: 16384, step: 1 }];

/** Of a lower and an upper value between 0 and 1. */
const blendModes: Record<string, (lower: number, upper: number) => number> = {
  normal: (_lower, upper) => upper,
  multiply: (lower, upper) => lower * upper,
  screen: (lower, upper) => 1 - (1 - lower) * (1 - upper),
  overlay: (lower, upper) => (lower <= 0.5 ? 2 * lower * upper : 1 - 2 * (1 - lower) * (1 - upper)),
  soft_light: (lower, upper) =>
    upper <= 0.5 ? lower - (1 - 2 * upper) * lower * (1 - lower) : lower + (2 * upper - 1) * (softened(lower) - lower),
  difference: (lower, upper) => lower - upper,
};

export const imageNodes = [
  defineNode<{ width: number; height: number; batch_size: number; color: number }>({
    name: 'EmptyImage',
    category: 'image',
    required: {
      width: size(1),
      height: size(1),
      batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
      color: ['INT', { default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' }],
    },
    output: ['IMAGE'],
    run: ({ width, height, batch_size, color }) => ({
      values: [Array.from({ length: batch_size }, () => solidImage(width, height, color))],
    }),
  }),

  defineNode<{ image: string }>({
    name: 'LoadImage',
    displayName: 'Load Image',
    category: 'image',
    required: { image: [({ storage }) => storage.files('input'), { image_upload: true }] },
    output: ['IMAGE', 'MASK'],
    checks: {
      image: (value, { storage }) =>
        storage.hasAnnotated(toText(value)) ? undefined : `Invalid image file: ${toText(value)}`,
    },
    fingerprint: async (inputs, { storage }) =>
      createHash('sha256')
        .update(await readFile(storage.annotatedPath(inputs.image)))
        .digest('hex'),
    run: async (inputs, { storage }) => {
      const loaded = await decodeImage(storage.annotatedPath(inputs.image)).catch(() => {
        throw new PythonError('PIL.UnidentifiedImageError', `cannot identify image file '${inputs.image}'`);
      });
      return { values: [[loaded], undefined] };
    },
  }),

  defineNode<{ image: RawImage[] }>({
    name: 'ImageInvert',
    displayName: 'Invert Image',
    category: 'image',
    required: { image },
    output: ['IMAGE'],
    run: (inputs) => ({ values: [inputs.image.map(invertImage)] }),
  }),

  defineNode<{ image: RawImage[]; width: number; height: number; crop: string }>({
    name: 'ImageScale',
    displayName: 'Upscale Image',
    category: 'image/upscaling',
    required: {
      image,
      upscale_method: [['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos']],
      width: size(0),
      height: size(0),
      crop: [['disabled', 'center']],
    },
    output: ['IMAGE'],
    run: async (inputs) => {
      const { width, height } = scaledSize(inputs.image[0], inputs);
      const scaled = inputs.image.map((one) => resizeImage(one, width, height, inputs.crop === 'center'));
      return { values: [await Promise.all(scaled)] };
    },
  }),

  defineNode<{ image: RawImage[]; sigma: number }>({
    name: 'ImageBlur',
    category: 'image/postprocessing',
    pythonModule: 'comfy_extras.nodes_post_processing',
    required: {
      image,
      blur_radius: ['INT', { default: 1, min: 1, max: 31, step: 1 }],
      sigma: ['FLOAT', { default: 1, min: 0.1, max: 10, step: 0.1 }],
    },
    output: ['IMAGE'],
    run: async (inputs) => ({ values: [await Promise.all(inputs.image.map((one) => blurImage(one, inputs.sigma)))] }),
  }),

  defineNode<{ image1: RawImage[]; image2: RawImage[]; blend_factor: number; blend_mode: string }>({
    name: 'ImageBlend',
    category: 'image/postprocessing',
    pythonModule: 'comfy_extras.nodes_post_processing',
    required: {
      image1: image,
      image2: image,
      blend_factor: ['FLOAT', { default: 0.5, min: 0, max: 1, step: 0.01 }],
      // Classes of the newer kind declare choices in this way, and the server does not check them.
      blend_mode: ['COMBO', { multiselect: false, options: Object.keys(blendModes) }],
    },
    output: ['IMAGE'],
    run: async ({ image1, image2, blend_factor, blend_mode }) => {
      const blend = blendModes[blend_mode];
      if (!blend) throw new PythonError('ValueError', `Unsupported blend mode: ${blend_mode}`);
      const pairs = image1.map(async (lower, index) => {
        const other = image2[index % image2.length] ?? lower;
        const upper = await resizeImage(other, lower.width, lower.height, true);
        return blendImages(lower, upper, (a, b) => a * (1 - blend_factor) + blend(a, b) * blend_factor);
      });
      return { values: [await Promise.all(pairs)] };
    },
  }),

  defineNode<{ image: RawImage[] }>({
    name: 'GetImageSize',
    displayName: 'Get Image Size',
    category: 'image',
    pythonModule: 'comfy_extras.nodes_images',
    required: { image },
    output: ['INT', 'INT', 'INT'],
    outputNames: ['width', 'height', 'batch_size'],
    run: (inputs) => ({ values: [inputs.image[0]?.width, inputs.image[0]?.height, inputs.image.length] }),
  }),
];

function softened(value: number): number {
  return value <= 0.25 ? ((16 * value - 12) * value + 4) * value : Math.sqrt(value);
}

/** A zero leaves that side to the proportions of the picture, as ComfyUI has it. */
function scaledSize(original: RawImage | undefined, { width, height }: { width: number; height: number }) {
  const ratio = original ? original.width / original.height : 1;
  return {
    width: width || Math.max(1, Math.round(height * ratio)) || original?.width || 1,
    height: height || Math.max(1, Math.round(width / ratio)) || original?.height || 1,
  };
}
