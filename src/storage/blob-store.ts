import type { Readable } from 'node:stream';

/** Bytes by their SHA-256 (64 lower-case hex digits): written once, never changed. */
export interface BlobStore {
  /**
   * Takes a whole stream into a private place and says what it was; nothing is visible yet. The caller pins the
   * hash in `blobs`, then calls `commit` (I19), or `discard` when it is not wanted.
   */
  receive(source: Readable, limitBytes?: number): Promise<ReceivedBlob>;
  has(hash: string): Promise<boolean>;
  sizeOf(hash: string): Promise<number>;
  /** The bytes, or a part of them: `start` and `end` inclusive. */
  open(hash: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Why nothing can be stored right now, in words (I20); undefined: all is well. Tries it out after trouble. */
  findProblem(): Promise<string | undefined>;
  /** Of the disk that the bytes are on. */
  measureSpace(): Promise<StorageSpace>;
  /** For the sweep alone: nobody finds the bytes any more, and they may still be brought back. */
  withdraw(hash: string): Promise<WithdrawnBlob>;
}

export interface StorageSpace {
  totalBytes: number;
  /** For us: what is reserved for others is not. */
  freeBytes: number;
}

export interface WithdrawnBlob {
  discard(): Promise<void>;
  /** Puts the bytes back where they were, unless they are there again. */
  restore(): Promise<void>;
}

export interface ReceivedBlob {
  hash: string;
  sizeBytes: number;
  /** Where the bytes lie until then, for reading what they are. */
  path: string;
  /** Makes the bytes durable under their hash; repeated for the same bytes it changes nothing. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** The injection token of the one BlobStore. */
export const BLOB_STORE = Symbol('blob store');
