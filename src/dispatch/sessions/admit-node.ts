import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import { readCapabilities, type Capabilities } from '../scheduling/capabilities.js';

export interface Admission {
  version: string;
  capabilities: Capabilities;
}

export interface Refusal {
  version: string;
  refusedBecause: string;
}

/** The first version whose interrupt can name a prompt; older ones stop whatever runs (contracts/comfyui.md, 3.5). */
const TARGETED_INTERRUPT = [0, 3, 57];

/**
 * Asks a node for its health and, where it is new to us, for what it can run. An unchanged node gives back the
 * admission that it had.
 */
export async function admitNode(
  client: ComfyUiClient,
  known: Admission | undefined,
  { allowGlobalInterrupt }: { allowGlobalInterrupt: boolean },
): Promise<Admission | Refusal> {
  const { system } = await client.systemStats();
  const version = system.comfyui_version ?? 'unknown';
  if (isOlder(version) && !allowGlobalInterrupt) {
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

function isOlder(version: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  // The oldest tell no version at all.
  if (parts.length < 3 || parts.some(Number.isNaN)) return true;
  for (const [index, least] of TARGETED_INTERRUPT.entries()) {
    if (parts[index] !== least) return parts[index]! < least;
  }
  return false;
}
