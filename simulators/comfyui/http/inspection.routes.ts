import os from 'node:os';
import { describeNode } from '../nodes/describe-node.js';
import type { Catalog, NodeTable } from '../nodes/node-class.js';
import { isFolderType } from '../storage.js';
import type { SimulatorOptions } from '../simulator-options.js';
import type { Route } from './router.js';

/** What a node tells about itself. */
export function inspectionRoutes(classes: NodeTable, catalog: Catalog, options: SimulatorOptions): Route[] {
  const describeAll = (names: string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const nodeClass = classes.get(name);
        return nodeClass ? [[name, describeNode(nodeClass, catalog)]] : [];
      }),
    );
  return [
    { method: 'GET', path: '/object_info', handle: (exchange) => exchange.sendJson(describeAll([...classes.keys()])) },
    {
      method: 'GET',
      path: '/object_info/:className',
      handle: (exchange) => exchange.sendJson(describeAll([exchange.params.className ?? ''])),
    },
    { method: 'GET', path: '/models', handle: (exchange) => exchange.sendJson(Object.keys(catalog.models)) },
    {
      method: 'GET',
      path: '/models/:folder',
      handle: (exchange) => {
        const files = catalog.models[exchange.params.folder ?? ''];
        if (files) exchange.sendJson(files);
        else exchange.sendEmpty(404);
      },
    },
    {
      method: 'GET',
      path: '/embeddings',
      handle: (exchange) =>
        exchange.sendJson((catalog.models.embeddings ?? []).map((file) => file.replace(/\.[^./]+$/, ''))),
    },
    ...editorRoutes(catalog),
    { method: 'GET', path: '/system_stats', handle: (exchange) => exchange.sendJson(systemStats(options)) },
    { method: 'GET', path: '/features', handle: (exchange) => exchange.sendJson(features(options)) },
  ];
}

/** What only the editor asks for. */
function editorRoutes({ storage }: Catalog): Route[] {
  return [
    { method: 'GET', path: '/view_metadata/:folder', handle: (exchange) => exchange.sendEmpty(404) },
    { method: 'GET', path: '/extensions', handle: (exchange) => exchange.sendJson([]) },
    { method: 'GET', path: '/users', handle: (exchange) => exchange.sendJson({ storage: 'server', migrated: true }) },
    {
      method: 'GET',
      path: '/internal/files/:type',
      handle: (exchange) => {
        const { type } = exchange.params;
        if (isFolderType(type)) exchange.sendJson(storage.files(type));
        else exchange.sendJson({ error: 'Invalid directory type' }, 400);
      },
    },
  ];
}

export function features({ maxUploadBytes }: SimulatorOptions): Record<string, unknown> {
  return { supports_preview_metadata: true, max_upload_size: maxUploadBytes };
}

function systemStats({ name, vramBytes, comfyuiVersion, cache }: SimulatorOptions): Record<string, unknown> {
  return {
    system: {
      os: 'posix',
      ram_total: os.totalmem(),
      ram_free: os.freemem(),
      comfyui_version: comfyuiVersion,
      required_frontend_version: '1.27.10',
      installed_templates_version: null,
      required_templates_version: '0.1.95',
      python_version: '3.11.2 (simulated)',
      pytorch_version: '2.8.0+cu128',
      embedded_python: false,
      argv: ['main.py', '--listen', '127.0.0.1', ...(cache === 'none' ? ['--cache-none'] : [])],
    },
    devices: [
      {
        name: `cuda:0 Simulated (${name}) : cudaMallocAsync`,
        type: 'cuda',
        index: 0,
        vram_total: vramBytes,
        vram_free: vramBytes,
        torch_vram_total: 0,
        torch_vram_free: 0,
      },
    ],
  };
}
