import type { Capabilities } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { SystemStats } from '../comfyui/protocol.js';
import { readCapabilities } from '../comfyui/read-capabilities.js';

export interface Admission {
  version: string;
  capabilities: Capabilities;
}

export interface Refusal {
  version: string;
  refusedBecause: string;
}

/** The first version whose interrupt can name a prompt; older ones stop whatever runs (docs/comfyui-protocol.md, 7). */
const TARGETED_INTERRUPT = [0, 3, 57];
/** The first version that takes our prompt ids: without them no prompt is found again. */
const OWN_PROMPT_IDS = [0, 3, 45];

/**
 * Judges a node by what it says of itself and, where it is new to us, asks what it can run. An unchanged node gives
 * back the admission that it had.
 */
export async function admitNode(
  client: ComfyUiClient,
  { stats: { system }, known }: { stats: SystemStats; known?: Admission | undefined },
  { allowGlobalInterrupt }: { allowGlobalInterrupt: boolean },
): Promise<Admission | Refusal> {
  const version = system.comfyui_version ?? 'unknown';
  if (isOlder(version, OWN_PROMPT_IDS)) {
    const refusedBecause = `ComfyUI ${version} is older than ${OWN_PROMPT_IDS.join('.')}: it gives prompts ids of its own. Update the node.`;
    return { version, refusedBecause };
  }
  if (isOlder(version, TARGETED_INTERRUPT) && !allowGlobalInterrupt) {
    return {
      version,
      refusedBecause:
        `ComfyUI ${version} is older than ${TARGETED_INTERRUPT.join('.')}: cancelling one task there stops whatever runs. ` +
        'Update the node, or set nodes.allow_global_interrupt.',
    };
  }
  if (known?.version === version) return known;
  return { version, capabilities: readCapabilities(await client.objectInfo()) };
}

function isOlder(version: string, than: number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  // The oldest tell no version at all.
  if (parts.length < 3 || parts.some(Number.isNaN)) return true;
  for (const [index, least] of than.entries()) {
    if (parts[index] !== least) return parts[index]! < least;
  }
  return false;
}
