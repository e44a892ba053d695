import type { Capabilities, NodeFence } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { InputUploads } from './input-uploads.js';
import type { SessionServices } from './session-services.js';

/** The node that an attempt runs on, as its session knows it. */
export interface AttemptContext {
  services: SessionServices;
  client: ComfyUiClient;
  inputs: InputUploads;
  fence: NodeFence;
  installationId: string;
  clientId: string;
  capabilities(): Capabilities;
  /** Whether frames of prompts that were posted from here come here. */
  isListening(): boolean;
  /** The node's worker does not let go of a prompt. */
  onStuck(promptId: string): void;
  /** A step ended: look again. */
  onStep(): void;
}
