import { Global, Module } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { BLOB_STORE } from './blob-store.js';
import { LocalBlobStore } from './local-blob-store.js';

/** Where files live; today a folder of this machine. */
@Global()
@Module({
  providers: [
    {
      provide: BLOB_STORE,
      inject: [SETTINGS],
      useFactory: (settings: Settings) => new LocalBlobStore(settings.storage.directory),
    },
  ],
  exports: [BLOB_STORE],
})
export class StorageModule {}
