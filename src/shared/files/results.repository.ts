import { Injectable } from '@nestjs/common';
import { newId } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import type { ResultType } from '../tasks/task-events.js';
import { BlobsRepository } from './blobs.repository.js';

/** A file that a run made, already in our storage. */
export interface HarvestedFile {
  hash: string;
  sizeBytes: number;
  fileName: string;
  mimeType: string;
  type: ResultType;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  /** Where it came from on the node, for people: node of the graph, subfolder, kind. */
  origin: Record<string, unknown>;
}

export interface ResultOwner {
  taskRowId: string;
  taskId: string;
  runNo: number;
  sourceType: 'client' | 'admin';
  sourceUserId: string;
}

export interface RunResults {
  owner: ResultOwner;
  files: HarvestedFile[];
}

const FILE_TYPES: Record<ResultType, string> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  text: 'document',
  file: 'other',
};

/** Writes what a run made: its files, and its results in order. */
@Injectable()
export class ResultsRepository {
  constructor(private readonly blobs: BlobsRepository) {}

  async replaceAll(transaction: Executor, made: RunResults[]): Promise<void> {
    if (made.length === 0) return;
    // Results of an older run stay until a newer one has its own: a reload that fails loses nothing (I16).
    await this.removeOlder(transaction, made);
    const numbered = made.flatMap(({ owner, files }) =>
      files.map((file, index) => ({ ...file, owner, index, fileId: newId() })),
    );
    if (numbered.length === 0) return;
    await this.insertFiles(transaction, numbered);
    await this.insertResults(transaction, numbered);
  }

  /** A first run follows none. */
  private async removeOlder(transaction: Executor, made: RunResults[]): Promise<void> {
    const reloaded = made.filter(({ owner }) => owner.runNo > 1);
    if (reloaded.length === 0) return;
    const tasks = reloaded.map(({ owner }) => owner.taskRowId);
    const older = await transaction.rows<{ id: string; file_id: string | null; file_hash: string | null }>(
      `SELECT id, file_id, file_hash FROM global_task_results
       WHERE task_id IN (?) AND run_no < ELT(FIELD(task_id, ?), ?)`,
      [tasks, tasks, reloaded.map(({ owner }) => owner.runNo)],
    );
    if (older.length === 0) return;
    await this.blobs.release(transaction, older.map(({ file_hash: hash }) => hash).filter(isGiven));
    await transaction.run('DELETE FROM global_task_results WHERE id IN (?)', [older.map(({ id }) => id)]);
    const fileIds = older.map(({ file_id: fileId }) => fileId).filter(isGiven);
    if (fileIds.length > 0) await transaction.run('DELETE FROM global_files WHERE file_id IN (?)', [fileIds]);
  }

  private async insertFiles(transaction: Executor, files: NumberedFile[]): Promise<void> {
    await transaction.run(
      `INSERT INTO global_files (file_id, source_type, source_user_id, original_name, file_name, file_path, file_size,
         mime_type, file_hash, file_type, width, height, duration, file_metadata) VALUES ?`,
      [
        files.map(({ owner, ...file }) => [
          ...[file.fileId, owner.sourceType, owner.sourceUserId, file.fileName, file.fileName, storagePath(file.hash)],
          ...[file.sizeBytes, file.mimeType, file.hash, FILE_TYPES[file.type]],
          ...[file.width, file.height, file.durationSeconds],
          JSON.stringify({ ...file.origin, taskId: owner.taskId, runNo: owner.runNo }),
        ]),
      ],
    );
  }

  private async insertResults(transaction: Executor, files: NumberedFile[]): Promise<void> {
    await transaction.run(
      `INSERT INTO global_task_results (task_id, run_no, output_index, result_type, file_id, file_hash, file_path,
         file_name, file_size, mime_type, width, height, duration, result_metadata) VALUES ?`,
      [
        files.map(({ owner, ...file }) => [
          ...[owner.taskRowId, owner.runNo, file.index, file.type, file.fileId, file.hash, storagePath(file.hash)],
          ...[file.fileName, file.sizeBytes, file.mimeType, file.width, file.height, file.durationSeconds],
          JSON.stringify(file.origin),
        ]),
      ],
    );
  }
}

function isGiven<T>(value: T | null): value is T {
  return value !== null;
}

type NumberedFile = HarvestedFile & { owner: ResultOwner; index: number; fileId: string };

/** A name within our storage, never a path of a machine. */
function storagePath(hash: string): string {
  return `sha256/${hash}`;
}
