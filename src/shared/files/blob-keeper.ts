import { Inject, Injectable } from '@nestjs/common';
import { Clock, killPoint, UnavailableError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { ReceivedBlob } from '../../storage/index.js';
import { BlobsRepository } from './blobs.repository.js';

/** Puts received bytes in place for good: until its pin ends, a reference to them can be written (I19). */
@Injectable()
export class BlobKeeper {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly blobs: BlobsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Pinned and committed before the bytes are put in place: a sweep in between would take them away (I19). `purpose`
   * names the moments at which a test may kill the process.
   */
  async keep(received: ReceivedBlob, mimeType: string, purpose: 'harvest' | 'upload' | 'rendition'): Promise<void> {
    const { hash, sizeBytes } = received;
    killPoint(`${purpose}.before_pin`);
    const until = new Date(this.clock.now().getTime() + this.settings.storage.pinMinutes * 60_000);
    const pinned = await this.blobs.pin({ hash, sizeBytes, mimeType }, until);
    if (!pinned) {
      throw new UnavailableError('The same bytes are just being swept; try again shortly.', 'BLOB_DELETING');
    }
    killPoint(`${purpose}.pinned`);
    await received.commit();
    killPoint(`${purpose}.stored`);
    await this.blobs.markStored(pinned, this.clock.now());
  }
}
