import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, LOGGER, WriteBehind, type Logger } from '../../common/index.js';
import { ApiKeysRepository } from './api-keys.repository.js';

const ONCE_IN_MS = 60_000;
/** Keys remembered at most; forgetting one only means that its next use is written earlier. */
const MAX_KEYS = 10_000;

/** When each key was used last: within a minute of the truth, written off the request's path. */
@Injectable()
export class ApiKeyUses implements OnApplicationShutdown {
  private readonly noted = new Map<string, number>();
  private readonly writes: WriteBehind<string>;

  constructor(
    keys: ApiKeysRepository,
    private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    const write = (keyIds: string[]) => keys.noteUse(keyIds, clock.now());
    this.writes = new WriteBehind({ name: 'api-key-uses', logger, write });
  }

  note(keyId: string): void {
    const nowMs = this.clock.monotonicMs();
    const notedMs = this.noted.get(keyId);
    if (notedMs !== undefined && nowMs - notedMs < ONCE_IN_MS) return;
    if (this.noted.size >= MAX_KEYS) this.noted.clear();
    this.noted.set(keyId, nowMs);
    this.writes.add(keyId);
    this.writes.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.writes.stop();
  }
}
