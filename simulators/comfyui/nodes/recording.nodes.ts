import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { ExecutionBlocker } from '../execution/execution-blocker.js';
import type { Link } from '../protocol.js';
import { PythonError } from '../python-error.js';
import { toSharp, type RawImage } from '../rendering/raw-image.js';
import { defineNode, type InputSpec } from './node-class.js';

const image: InputSpec = ['IMAGE', {}];
const seed: InputSpec = ['INT', { default: 0 }];
const module = { category: 'test', pythonModule: 'custom_nodes.test_nodes' };

/** The nodes that were written to record a real server: slow, uninterruptible, failing. */
export const recordingNodes = [
  defineNode<{ image: RawImage[]; steps: number; seconds_per_step: number; preview: boolean }>({
    ...module,
    name: 'TestSlowProgress',
    required: {
      image,
      steps: ['INT', { default: 10, min: 1 }],
      seconds_per_step: ['FLOAT', { default: 0.1 }],
      preview: ['BOOLEAN', { default: false }],
      seed,
    },
    output: ['IMAGE'],
    run: async (inputs, context) => {
      const [first] = inputs.image;
      const preview = inputs.preview && first ? await toSharp(first).jpeg().toBuffer() : undefined;
      for (let step = 1; step <= inputs.steps; step++) {
        await context.wait(inputs.seconds_per_step * 1000 * context.timeScale);
        await context.progress(step, inputs.steps, preview);
      }
      return { values: [inputs.image] };
    },
  }),

  defineNode<{ image: RawImage[]; seconds: number }>({
    ...module,
    name: 'TestBlockingSleep',
    required: { image, seconds: ['FLOAT', { default: 1 }], seed },
    output: ['IMAGE'],
    run: async (inputs, context) => {
      await context.wait(inputs.seconds * 1000 * context.timeScale);
      return { values: [inputs.image] };
    },
  }),

  defineNode<{ message: string }>({
    ...module,
    name: 'TestRaise',
    required: { image, message: ['STRING', { default: '' }], value: ['FLOAT', { default: 0 }] },
    output: ['IMAGE'],
    run: ({ message }) => {
      throw new PythonError('RuntimeError', message);
    },
  }),

  defineNode<{ message: string }>({
    ...module,
    name: 'TestBlocker',
    required: { image, message: ['STRING', { default: '' }] },
    output: ['IMAGE'],
    run: ({ message }) => ({ values: [new ExecutionBlocker(message)] }),
  }),

  defineNode<{ image: Link }>({
    ...module,
    name: 'TestExpand',
    required: { image: ['IMAGE', { rawLink: true }] },
    output: ['IMAGE'],
    run: ({ image: source }, { childId }) => {
      const slow = { steps: 2, seconds_per_step: 0.05, preview: false, seed: 0 };
      const graph = {
        [childId('1')]: { class_type: 'ImageInvert', inputs: { image: source } },
        [childId('2')]: { class_type: 'TestSlowProgress', inputs: { image: [childId('1'), 0], ...slow } },
      };
      return { expand: { graph, result: [[childId('2'), 0]] } };
    },
  }),

  defineNode<Record<string, unknown>>({
    ...module,
    name: 'TestBadUi',
    required: { image },
    output: [],
    outputNode: true,
    // A big integer is to JSON what an arbitrary object is to Python's.
    run: () => ({ ui: { images: [1n] } }),
  }),

  defineNode<{ image: RawImage[]; n: number }>({
    ...module,
    name: 'TestBigPreview',
    required: { image, n: ['INT', { default: 10, min: 1 }], seed },
    output: ['IMAGE'],
    run: async (inputs, context) => {
      const preview = await noise();
      for (let step = 1; step <= inputs.n; step++) await context.progress(step, inputs.n, preview);
      return { values: [inputs.image] };
    },
  }),

  defineNode<{ image: RawImage[]; text: string }>({
    ...module,
    name: 'TestText',
    required: { image, text: ['STRING', { default: '' }] },
    output: ['IMAGE'],
    run: (inputs, context) => {
      context.progressText(inputs.text);
      return { values: [inputs.image] };
    },
  }),

  defineNode<{ flag: boolean; f: number; i: number }>({
    ...module,
    name: 'TestBoolFloat',
    required: {
      flag: ['BOOLEAN', { default: true }],
      f: ['FLOAT', { default: 0.5, min: 0, max: 1 }],
      i: ['INT', { default: 1, min: 0, max: 10 }],
    },
    output: [],
    outputNode: true,
    run: ({ flag, f, i }) => ({ ui: { values: [flag, f, i] } }),
  }),
];

/** A picture that compresses badly: some hundred kilobytes. */
function noise(): Promise<Buffer> {
  const size = { width: 512, height: 512, channels: 3 as const };
  const raw = randomBytes(size.width * size.height * size.channels);
  return sharp(raw, { raw: size }).jpeg({ quality: 95 }).toBuffer();
}
