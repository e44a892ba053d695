import { zoomInto } from '../rendering/animation.js';
import { writeCaption } from '../rendering/caption.js';
import { renderScene, type Scene } from '../rendering/scene.js';
import { resizeImage, type RawImage } from '../rendering/raw-image.js';
import { defineNode, type InputSpec } from './node-class.js';
import { samplers, schedulers } from './sampler-names.js';

/** Conditioning in the simulator is its text: all that the picture depends on. */
export interface Conditioning {
  text: string;
}

/** A picture that has not been painted yet. `frames` stands only in the latents of videos. */
export interface Latent {
  width: number;
  height: number;
  batchSize: number;
  frames?: number;
  startImage?: RawImage;
  scene?: Scene;
}

const largestSeed = 2 ** 64;
const latentSize: InputSpec = ['INT', { default: 512, min: 16, max: 16384, step: 8 }];
const videoSize = (byDefault: number): InputSpec => ['INT', { default: byDefault, min: 16, max: 16384, step: 16 }];

export const samplingNodes = [
  defineNode<{ text: string }>({
    name: 'CLIPTextEncode',
    displayName: 'CLIP Text Encode (Prompt)',
    category: 'conditioning',
    required: { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: ['CLIP', {}] },
    output: ['CONDITIONING'],
    run: ({ text }) => ({ values: [{ text } satisfies Conditioning] }),
  }),

  defineNode<{ width: number; height: number; batch_size: number }>({
    name: 'EmptyLatentImage',
    displayName: 'Empty Latent Image',
    category: 'latent',
    required: {
      width: latentSize,
      height: latentSize,
      batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
    },
    output: ['LATENT'],
    run: ({ width, height, batch_size }) => ({ values: [{ width, height, batchSize: batch_size } satisfies Latent] }),
  }),

  defineNode<{ seed: number; steps: number; positive: Conditioning; latent_image: Latent }>({
    name: 'KSampler',
    category: 'sampling',
    required: {
      model: ['MODEL', {}],
      seed: ['INT', { default: 0, min: 0, max: largestSeed, control_after_generate: true }],
      steps: ['INT', { default: 20, min: 1, max: 10000 }],
      cfg: ['FLOAT', { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 }],
      sampler_name: [samplers, {}],
      scheduler: [schedulers, {}],
      positive: ['CONDITIONING', {}],
      negative: ['CONDITIONING', {}],
      latent_image: ['LATENT', {}],
      denoise: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
    },
    output: ['LATENT'],
    run: async ({ seed, steps, positive, latent_image }, context) => {
      for (let step = 1; step <= steps; step++) {
        await context.wait(context.stepMs);
        await context.progress(step, steps);
      }
      return { values: [{ ...latent_image, scene: { prompt: positive.text, seed } } satisfies Latent] };
    },
  }),

  defineNode<{ samples: Latent }>({
    name: 'VAEDecode',
    displayName: 'VAE Decode',
    category: 'latent',
    required: { samples: ['LATENT', {}], vae: ['VAE', {}] },
    output: ['IMAGE'],
    run: async ({ samples }) => ({ values: [await paint(samples)] }),
  }),

  defineNode<{ positive: Conditioning; negative: Conditioning; start_image?: RawImage[] } & WanSize>({
    name: 'WanImageToVideo',
    category: 'conditioning/video_models',
    pythonModule: 'comfy_extras.nodes_wan',
    required: {
      positive: ['CONDITIONING', {}],
      negative: ['CONDITIONING', {}],
      vae: ['VAE', {}],
      width: videoSize(832),
      height: videoSize(480),
      length: ['INT', { default: 81, min: 1, max: 16384, step: 4 }],
      batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
    },
    optional: { clip_vision_output: ['CLIP_VISION_OUTPUT', {}], start_image: ['IMAGE', {}] },
    output: ['CONDITIONING', 'CONDITIONING', 'LATENT'],
    outputNames: ['positive', 'negative', 'latent'],
    run: ({ positive, negative, start_image, ...size }) => {
      const { width, height, length, batch_size } = size;
      const latent: Latent = { width, height, batchSize: batch_size, frames: length, startImage: start_image?.[0] };
      return { values: [positive, negative, latent] };
    },
  }),
];

interface WanSize {
  width: number;
  height: number;
  length: number;
  batch_size: number;
}

/** Paints what a latent stands for; one that no sampler has seen gives the picture of an empty prompt. */
async function paint({ scene = { prompt: '', seed: 0 }, width, height, ...latent }: Latent): Promise<RawImage[]> {
  if (latent.frames === undefined) {
    return Promise.all(
      Array.from({ length: latent.batchSize }, (_, index) => renderScene(scene, width, height, index)),
    );
  }
  const still = latent.startImage
    ? await writeCaption(await resizeImage(latent.startImage, width, height, true), { ...scene, index: 0 })
    : await renderScene(scene, width, height, 0);
  return zoomInto(still, latent.frames);
}
