import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';

/** A picture that a user sent, its bytes already in our storage. */
export interface UploadedFile {
  fileId: string;
  clientId: string;
  originalName: string;
  fileName: string;
  hash: string;
  sizeBytes: number;
  mimeType: string;
  width: number;
  height: number;
}

/** SQL of the rows of `global_files` that stand for uploads. */
@Injectable()
export class UploadedFilesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async insert(transaction: Executor, file: UploadedFile, doubtUntil: Date): Promise<void> {
    await transaction.run(
      `INSERT INTO global_files (file_id, source_type, source_user_id, original_name, file_name, file_path, file_size,
         mime_type, file_hash, file_type, width, height, is_temporary, expires_at)
       VALUES (?, 'client', ?, ?, ?, ?, ?, ?, ?, 'image', ?, ?, 1, ?)`,
      [
        ...[file.fileId, file.clientId, file.originalName, file.fileName, `sha256/${file.hash}`, file.sizeBytes],
        ...[file.mimeType, file.hash, file.width, file.height, doubtUntil],
      ],
    );
  }

  async confirm(fileIds: string[]): Promise<void> {
    if (fileIds.length === 0) return;
    await this.database.run('UPDATE global_files SET is_temporary = 0, expires_at = NULL WHERE file_id IN (?)', [
      fileIds,
    ]);
  }

  async doubt(fileId: string, until: Date): Promise<void> {
    await this.database.run('UPDATE global_files SET is_temporary = 1, expires_at = ? WHERE file_id = ?', [
      until,
      fileId,
    ]);
  }

  async listHashes(executor: Executor, fileIds: string[]): Promise<string[]> {
    const rows = await executor.rows<{ hash: string }>(
      'SELECT file_hash AS hash FROM global_files WHERE file_id IN (?) AND file_hash IS NOT NULL',
      [fileIds],
    );
    return rows.map(({ hash }) => hash);
  }

  async remove(executor: Executor, fileIds: string[]): Promise<void> {
    await executor.run('DELETE FROM global_files WHERE file_id IN (?)', [fileIds]);
  }

  async listDoubtful(now: Date, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ file_id: string }>(
      `SELECT file_id FROM global_files WHERE is_temporary = 1 AND expires_at <= ? AND source_type = 'client'
       ORDER BY expires_at LIMIT ${limit}`,
      [now],
    );
    return rows.map((row) => row.file_id);
  }
}
