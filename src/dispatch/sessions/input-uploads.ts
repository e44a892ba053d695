import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { InstallationService, TaskParameter } from '../../shared/index.js';
import type { BlobStore } from '../../storage/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';

/** What a prompt's graph is to name, by parameter. */
export interface SentInputs {
  names: Map<string, string>;
  /** Some were not sent again, because the node had them: it may have lost them since. */
  areKnown: boolean;
}

/** Our storage is well, and does not have the picture: no waiting brings it back. */
export class InputGoneError extends Error {}

/** Our own folder among the node's inputs. */
const SUBFOLDER = 'cws';

/** Brings users' pictures to a node, each once while its session lasts and the node does not restart. */
export class InputUploads {
  /** File name → the name by which the node has it. */
  private readonly known = new Map<string, string>();

  constructor(
    private readonly client: ComfyUiClient,
    private readonly store: BlobStore,
    private readonly installation: InstallationService,
  ) {}

  async send(parameters: TaskParameter[]): Promise<SentInputs> {
    const sent: SentInputs = { names: new Map(), areKnown: false };
    for (const { name, value, fileHash } of parameters) {
      if (!fileHash) continue;
      // Named by content: sent twice it changes nothing, and no other picture can stand there.
      const fileName = `${fileHash}${endingOf(value)}`;
      const known = this.known.get(fileName);
      sent.areKnown ||= known !== undefined;
      sent.names.set(name, known ?? (await this.sendOne(fileName, fileHash)));
    }
    return sent;
  }

  /** The node restarted, or a task failed there: it may not have them any more. */
  forget(): void {
    this.known.clear();
  }

  private async sendOne(fileName: string, fileHash: string): Promise<string> {
    const bytes = await buffer(await this.open(fileHash));
    const { filename, subfolder } = await this.client.uploadImage({ fileName, subfolder: SUBFOLDER, bytes });
    const name = subfolder ? `${subfolder}/${filename}` : filename;
    this.known.set(fileName, name);
    return name;
  }

  private async open(fileHash: string): Promise<Readable> {
    try {
      return await this.store.open(fileHash);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Throws where the whole folder is missing, as of a disk that is not mounted: that is waited out (I20).
      await this.installation.claimStore();
      throw new InputGoneError(`our storage has no ${fileHash}`, { cause: error });
    }
  }
}

/** What cannot be read has none: building the prompt tells of it. */
function endingOf(value: string): string {
  try {
    return extname(JSON.parse(value) as string);
  } catch {
    return '';
  }
}
