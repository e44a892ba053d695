import { defineNode, modelsIn, type NodeClass } from './node-class.js';
import { textEncoderTypes } from './sampler-names.js';

/** A class whose first input names a model file, and whose outputs are that model. */
function loader({ fileInput, ...rest }: Omit<NodeClass, 'run'> & { fileInput: string }): NodeClass {
  return defineNode<Record<string, unknown>>({
    ...rest,
    run: async (inputs, context) => {
      const model = String(inputs[fileInput]);
      await context.loadModel(model);
      return { values: rest.output.map(() => ({ model })) };
    },
  });
}

export const loaderNodes = [
  loader({
    name: 'CheckpointLoaderSimple',
    displayName: 'Load Checkpoint',
    category: 'loaders',
    description: 'Loads a diffusion model checkpoint, diffusion models are used to denoise latents.',
    fileInput: 'ckpt_name',
    required: { ckpt_name: [modelsIn('checkpoints'), {}] },
    output: ['MODEL', 'CLIP', 'VAE'],
  }),
  loader({
    name: 'VAELoader',
    displayName: 'Load VAE',
    category: 'loaders',
    fileInput: 'vae_name',
    required: { vae_name: [modelsIn('vae')] },
    output: ['VAE'],
  }),
  loader({
    name: 'CLIPLoader',
    displayName: 'Load CLIP',
    category: 'advanced/loaders',
    fileInput: 'clip_name',
    required: { clip_name: [modelsIn('text_encoders')], type: [textEncoderTypes] },
    optional: { device: [['default', 'cpu'], { advanced: true }] },
    output: ['CLIP'],
  }),
  loader({
    name: 'UNETLoader',
    displayName: 'Load Diffusion Model',
    category: 'advanced/loaders',
    fileInput: 'unet_name',
    required: {
      unet_name: [modelsIn('diffusion_models')],
      weight_dtype: [['default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2']],
    },
    output: ['MODEL'],
  }),
  loader({
    name: 'CLIPVisionLoader',
    displayName: 'Load CLIP Vision',
    category: 'loaders',
    fileInput: 'clip_name',
    required: { clip_name: [modelsIn('clip_vision')] },
    output: ['CLIP_VISION'],
  }),

  defineNode<Record<string, unknown>>({
    name: 'CLIPVisionEncode',
    displayName: 'CLIP Vision Encode',
    category: 'conditioning',
    required: { clip_vision: ['CLIP_VISION'], image: ['IMAGE'], crop: [['center', 'none']] },
    output: ['CLIP_VISION_OUTPUT'],
    run: () => ({ values: [{}] }),
  }),
  defineNode<{ model: unknown }>({
    name: 'ModelSamplingSD3',
    category: 'advanced/model',
    pythonModule: 'comfy_extras.nodes_model_advanced',
    required: { model: ['MODEL'], shift: ['FLOAT', { default: 3, min: 0, max: 100, step: 0.01 }] },
    output: ['MODEL'],
    run: ({ model }) => ({ values: [model] }),
  }),
];
