import { writeFile } from 'node:fs/promises';
import type { FileReference } from '../protocol.js';
import { FLAC_TONE, MP4_CLIP } from '../rendering/fixed-media.js';
import type { RawImage } from '../rendering/raw-image.js';
import { toText } from '../validation/coerce-value.js';
import { defineNode, type InputSpec, type NodeContext } from './node-class.js';

const hidden = { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' };
const saver = { hidden, outputNode: true };
const noSize = { width: 0, height: 0 };
const prefix = (byDefault: string): InputSpec => ['STRING', { default: byDefault }];

/** Videos, sounds and texts, under the keys that the real nodes tell them; what they save is always the same. */
export const mediaNodes = [
  defineNode<{ images: RawImage[] }>({
    name: 'CreateVideo',
    displayName: 'Create Video',
    category: 'image/video',
    pythonModule: 'comfy_extras.nodes_video',
    required: { images: ['IMAGE', {}], fps: ['FLOAT', { default: 30, min: 1, max: 120, step: 1 }] },
    optional: { audio: ['AUDIO', {}] },
    output: ['VIDEO'],
    run: ({ images }) => ({ values: [images] }),
  }),

  defineNode<{ filename_prefix: string }>({
    ...saver,
    name: 'SaveVideo',
    displayName: 'Save Video',
    category: 'image/video',
    pythonModule: 'comfy_extras.nodes_video',
    required: {
      video: ['VIDEO', {}],
      filename_prefix: prefix('video/ComfyUI'),
      format: [['auto', 'mp4']],
      codec: [['auto', 'h264']],
    },
    output: [],
    run: async (inputs, context) => {
      const file = await save(MP4_CLIP, 'mp4', inputs.filename_prefix, context);
      return { ui: { images: [file], animated: [true] } };
    },
  }),

  // Of the extension VideoHelperSuite, which many workflows for videos need.
  defineNode<{ filename_prefix: string; frame_rate: number; format: string }>({
    ...saver,
    name: 'VHS_VideoCombine',
    displayName: 'Video Combine',
    category: 'Video Helper Suite',
    pythonModule: 'custom_nodes.comfyui-videohelpersuite',
    required: {
      images: ['IMAGE', {}],
      frame_rate: ['FLOAT', { default: 8, min: 1, step: 1 }],
      loop_count: ['INT', { default: 0, min: 0, max: 100, step: 1 }],
      filename_prefix: prefix('AnimateDiff'),
      format: [['video/h264-mp4']],
      pingpong: ['BOOLEAN', { default: false }],
      save_output: ['BOOLEAN', { default: true }],
    },
    output: ['VHS_FILENAMES'],
    run: async ({ filename_prefix, frame_rate, format }, context) => {
      const file = await save(MP4_CLIP, 'mp4', filename_prefix, context);
      const fullpath = context.storage.resolve(file);
      return { values: [[true, [fullpath]]], ui: { gifs: [{ ...file, format, frame_rate, fullpath }] } };
    },
  }),

  defineNode<{ seconds: number; batch_size: number }>({
    name: 'EmptyLatentAudio',
    displayName: 'Empty Latent Audio',
    category: 'latent/audio',
    pythonModule: 'comfy_extras.nodes_audio',
    required: {
      seconds: ['FLOAT', { default: 47.6, min: 1, max: 1000, step: 0.1 }],
      batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
    },
    output: ['LATENT'],
    run: ({ batch_size }) => ({ values: [{ ...noSize, batchSize: batch_size }] }),
  }),

  defineNode({
    name: 'VAEDecodeAudio',
    displayName: 'VAE Decode Audio',
    category: 'latent/audio',
    pythonModule: 'comfy_extras.nodes_audio',
    required: { samples: ['LATENT', {}], vae: ['VAE', {}] },
    output: ['AUDIO'],
    run: () => ({ values: [{}] }),
  }),

  defineNode<{ filename_prefix: string }>({
    ...saver,
    name: 'SaveAudio',
    displayName: 'Save Audio (FLAC)',
    category: 'audio',
    pythonModule: 'comfy_extras.nodes_audio',
    required: { audio: ['AUDIO', {}], filename_prefix: prefix('audio/ComfyUI') },
    output: [],
    run: async (inputs, context) => ({
      ui: { audio: [await save(FLAC_TONE, 'flac', inputs.filename_prefix, context)] },
    }),
  }),

  defineNode<{ source: unknown }>({
    name: 'PreviewAny',
    displayName: 'Preview Any',
    category: 'utils',
    pythonModule: 'comfy_extras.nodes_preview_any',
    required: { source: ['*', {}] },
    output: [],
    outputNode: true,
    run: ({ source }) => ({ ui: { text: [typeof source === 'object' ? JSON.stringify(source) : toText(source)] } }),
  }),
];

async function save(
  bytes: Buffer,
  extension: 'mp4' | 'flac',
  filenamePrefix: string,
  { storage }: NodeContext,
): Promise<FileReference> {
  const [file] = storage.reserve({ type: 'output', prefix: filenamePrefix, count: 1, size: noSize, extension });
  await writeFile(storage.resolve(file!)!, bytes);
  return file!;
}
