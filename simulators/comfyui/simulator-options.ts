/** Model files a node offers, by the folder names of `GET /models`. */
export type ModelFolders = Record<string, string[]>;

export interface SimulatorOptions {
  /** Where to listen. */
  host: string;
  /** Shown in the log line and as the name of the graphics card. */
  name: string;
  /** Holds output/, input/, temp/, prompts.jsonl and faults.jsonl. Without it a temporary folder, removed by `stop()`. */
  dataDir?: string;
  /** How long one sampler step takes. */
  stepMs: number;
  /** How long a model takes to load when the previous prompt did not use it. */
  modelLoadMs: number;
  /** Stretches or shrinks the times which a prompt itself asks for (the Test… nodes). */
  timeScale: number;
  /** `classic` keeps the results of the last prompt; `none` is `--cache-none`. */
  cache: 'classic' | 'none';
  /** 0.3.64 unregisters the new socket of a client when its old one closes. False is a server without that bug. */
  staleSocketTrap: boolean;
  /** Finished prompts that the history keeps; one more may stand for a moment. */
  maxHistory: number;
  models: ModelFolders;
  maxUploadBytes: number;
  vramBytes: number;
  comfyuiVersion: string;
}

const gibibyte = 1024 ** 3;

export const defaultModels: ModelFolders = {
  checkpoints: ['SD/majicmixRealistic_v7.safetensors', 'SDXL/sd_xl_base_1.0.safetensors'],
  configs: [],
  loras: [],
  vae: ['wan_2.1_vae.safetensors'],
  text_encoders: ['umt5_xxl_fp8_e4m3fn_scaled.safetensors'],
  diffusion_models: ['wan2.1_i2v_480p_14B_fp16.safetensors'],
  clip_vision: ['clip_vision_h.safetensors'],
  embeddings: [],
  controlnet: [],
  upscale_models: [],
};

export const defaultOptions: SimulatorOptions = {
  host: '127.0.0.1',
  name: 'comfyui-simulator',
  stepMs: 60,
  modelLoadMs: 0,
  timeScale: 1,
  cache: 'classic',
  staleSocketTrap: true,
  // MAXIMUM_HISTORY_SIZE of execution.py.
  maxHistory: 10_000,
  models: defaultModels,
  maxUploadBytes: 100 * 1024 ** 2,
  vramBytes: 24 * gibibyte,
  comfyuiVersion: '0.3.64',
};
