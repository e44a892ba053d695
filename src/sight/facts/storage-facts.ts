import { Inject, Injectable } from '@nestjs/common';
import { QueueFiguresService } from '../../shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

/** The disk that files lie on; it is there whatever the databases do. */
@Injectable()
export class DiskFacts implements FactSource {
  readonly name = 'disk';
  readonly told;
  private readonly free;
  private readonly size;

  constructor(
    registry: FactRegistry,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {
    this.free = gauge(registry, 'cws_storage_free_bytes', 'Free space where files are stored.');
    this.size = gauge(registry, 'cws_storage_size_bytes', 'All space where files are stored.');
    this.told = [this.free, this.size];
  }

  async read(): Promise<() => void> {
    const { freeBytes, totalBytes } = await this.store.measureSpace();
    return () => {
      this.free.set(freeBytes);
      this.size.set(totalBytes);
    };
  }
}

/** What our own files take. */
@Injectable()
export class FileFacts implements FactSource {
  readonly name = 'files';
  readonly told;
  private readonly bytes;
  private readonly blobs;

  constructor(
    registry: FactRegistry,
    private readonly figures: QueueFiguresService,
  ) {
    this.bytes = gauge(registry, 'cws_storage_blob_bytes', 'What all stored files take; a minute old at the most.');
    this.blobs = gauge(registry, 'cws_storage_blobs', 'Stored files, each once; a minute old at the most.');
    this.told = [this.bytes, this.blobs];
  }

  async read(): Promise<() => void> {
    const { bytes, blobs } = await this.figures.sumBlobs();
    return () => {
      this.bytes.set(bytes);
      this.blobs.set(blobs);
    };
  }
}
