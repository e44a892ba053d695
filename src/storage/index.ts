export { BLOB_STORE, type BlobStore, type ReceivedBlob, type StorageSpace, type WithdrawnBlob } from './blob-store.js';
export { BlobTooLargeError, LocalBlobStore } from './local-blob-store.js';
export { sendBlob, type SentFile } from './send-blob.js';
export { StorageModule } from './storage.module.js';
