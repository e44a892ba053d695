import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FileReference } from '../../simulators/comfyui/protocol.js';
import type { FrameMark } from './shapes.mjs';

interface UploadPart {
  filename: string;
  /** Parts with the same word have the same bytes. */
  content: string;
}

export interface RecordedRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  json?: Record<string, unknown>;
  text?: string;
  form?: Record<string, string | UploadPart>;
}

/** One thing the recording client did, after it had seen what `awaits` says. */
export interface Step {
  awaits: Record<string, FrameMark>;
  /** The recording waited here until the server was idle, or would never be again. */
  rests?: boolean;
  note?: string;
  connect?: string;
  path?: string;
  /** This client never reads its socket. */
  isDeaf?: boolean;
  disconnect?: string;
  isAbrupt?: boolean;
  say?: string;
  message?: unknown;
  request?: RecordedRequest;
  answer?: unknown;
  /** Sent by the recording, too, but its answer was not kept. */
  isUnrecorded?: boolean;
  /** What was done to the server as a process. `replace`: another one, with empty folders. */
  server?: 'kill' | 'start' | 'replace';
  cache?: 'classic' | 'none';
  /** A file that was removed from the server's disk. */
  removes?: FileReference;
  /** How many frames this client had been sent by now, and not one more. */
  heard?: { client: string; frames: number };
  /** So many prompts like the next one ran before, unrecorded; the next one's history comes late. */
  warmUp?: number;
}

export interface Transcript {
  scenario: string;
  about: string;
  /** Files that lay in output/ when the recording began. */
  leftovers?: string[];
  steps: Step[];
  frames: Record<string, string[]>;
  remaining: Record<string, number[]>;
  /** By client and type of text frame: the sets of keys its data was seen with. */
  keys: Record<string, Record<string, string[]>>;
}

const folder = path.join(import.meta.dirname, 'transcripts');

export function transcriptNames(): string[] {
  return readdirSync(folder).map((file) => path.basename(file, '.json'));
}

export function readTranscript(scenario: string): Transcript {
  return JSON.parse(readFileSync(path.join(folder, `${scenario}.json`), 'utf8')) as Transcript;
}
