import { Inject, Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { SealedKeys } from './flames-tasks.repository.js';

/** The keys of a task in the clear: held while it runs, never stored, shown or logged. */
export interface TaskKeys {
  apiKey: string;
  scorerKey: string | undefined;
}

/** Seals the keys of tasks, each for its own task alone. */
@Injectable()
export class TaskKeysService {
  private readonly box: SecretBox;

  constructor(@Inject(SETTINGS) { secrets }: Settings) {
    this.box = new SecretBox(secrets.encryptionKey);
  }

  seal(taskId: string, { apiKey, scorerKey }: TaskKeys): SealedKeys {
    const seal = (key: string) => this.box.seal(key, purposeOf(taskId));
    return { sealedKey: seal(apiKey), scorerKey: scorerKey === undefined ? null : seal(scorerKey) };
  }

  /** Throws where the row was changed or the installation's key is another one now. */
  open(taskId: string, { sealedKey, scorerKey }: SealedKeys): TaskKeys {
    const open = (sealed: string) => this.box.open(sealed, purposeOf(taskId));
    return { apiKey: open(sealedKey), scorerKey: scorerKey === null ? undefined : open(scorerKey) };
  }
}

function purposeOf(taskId: string): string {
  return `flames:${taskId}`;
}
