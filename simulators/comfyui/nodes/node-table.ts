import { imageNodes } from './image.nodes.js';
import { loaderNodes } from './loader.nodes.js';
import { mediaNodes } from './media.nodes.js';
import type { NodeTable } from './node-class.js';
import { recordingNodes } from './recording.nodes.js';
import { samplingNodes } from './sampling.nodes.js';
import { saveNodes } from './save.nodes.js';

/** Every class the simulated node knows, by name. */
export const nodeTable: NodeTable = new Map(
  [...imageNodes, ...saveNodes, ...mediaNodes, ...loaderNodes, ...samplingNodes, ...recordingNodes].map((nodeClass) => [
    nodeClass.name,
    nodeClass,
  ]),
);
