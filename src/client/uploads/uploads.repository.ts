import { Injectable } from '@nestjs/common';
import type { Page, PageQuery } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';

/** A user's upload. */
export interface Upload {
  fileId: string;
  clientId: string;
  originalName: string;
  fileName: string;
  /** What users call it by: made by us, looked up in the table, never a path on a disk. */
  relativePath: string;
  sizeBytes: number;
  mimeType: string;
  hash: string;
  width: number;
  height: number;
  createdAt: Date;
}

const COLUMNS = `file_id AS fileId, client_id AS clientId, original_name AS originalName, file_name AS fileName,
  file_path AS relativePath, file_size AS sizeBytes, mime_type AS mimeType, file_hash AS hash, width, height,
  created_at AS createdAt`;

/** SQL of `client_uploads`; every look names the owner, but that for who it is. */
@Injectable()
export class UploadsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async insert(executor: Executor, upload: Upload): Promise<void> {
    await executor.run(
      `INSERT INTO client_uploads (upload_id, file_id, client_id, original_name, file_name, file_path, file_size,
         mime_type, file_hash, width, height, created_at) VALUES (?)`,
      [
        [
          ...[upload.fileId, upload.fileId, upload.clientId, upload.originalName, upload.fileName],
          ...[upload.relativePath, upload.sizeBytes, upload.mimeType, upload.hash],
          ...[upload.width, upload.height, upload.createdAt],
        ],
      ],
    );
  }

  async find(clientId: string, fileId: string): Promise<Upload | undefined> {
    const rows = await this.database.rows<Upload>(
      `SELECT ${COLUMNS} FROM client_uploads WHERE file_id = ? AND client_id = ?`,
      [fileId, clientId],
    );
    return rows.map(fromRow)[0];
  }

  /** The same, with the row held until the transaction ends: who uses it and who deletes it go one after the other. */
  async lock(executor: Executor, clientId: string, fileId: string): Promise<Upload | undefined> {
    const rows = await executor.rows<Upload>(
      `SELECT ${COLUMNS} FROM client_uploads WHERE file_id = ? AND client_id = ? FOR UPDATE`,
      [fileId, clientId],
    );
    return rows.map(fromRow)[0];
  }

  async findOwner(fileId: string): Promise<string | undefined> {
    const sql = 'SELECT client_id AS clientId FROM client_uploads WHERE file_id = ?';
    return (await this.database.rows<{ clientId: string }>(sql, [fileId]))[0]?.clientId;
  }

  async list(clientId: string, { limit, offset }: PageQuery): Promise<Page<Upload>> {
    const [rows, [count]] = await Promise.all([
      this.database.rows<Upload>(
        `SELECT ${COLUMNS} FROM client_uploads WHERE client_id = ? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
        [clientId, limit, offset],
      ),
      this.database.rows<{ total: string }>('SELECT COUNT(*) AS total FROM client_uploads WHERE client_id = ?', [
        clientId,
      ]),
    ]);
    return { items: rows.map(fromRow), total: Number(count?.total ?? 0) };
  }

  /** Whether a task that is not over needs it; the upload's row is held meanwhile. */
  async isInUse(executor: Executor, { clientId, hash, relativePath }: Upload): Promise<boolean> {
    const rows = await executor.rows(
      `SELECT p.id FROM client_task_parameters p JOIN client_tasks t ON t.id = p.task_id
       WHERE p.file_hash = ? AND p.parameter_value = ? AND t.client_id = ? AND t.status IN ('queued', 'processing')
       LIMIT 1`,
      [hash, JSON.stringify(relativePath), clientId],
    );
    return rows.length > 0;
  }

  async remove(executor: Executor, fileId: string): Promise<void> {
    await executor.run('DELETE FROM client_uploads WHERE file_id = ?', [fileId]);
  }

  /** Which of these there are. */
  async listExisting(fileIds: string[]): Promise<string[]> {
    if (fileIds.length === 0) return [];
    const rows = await this.database.rows<{ fileId: string }>(
      'SELECT file_id AS fileId FROM client_uploads WHERE file_id IN (?)',
      [fileIds],
    );
    return rows.map(({ fileId }) => fileId);
  }
}

/** The driver hands bigint out as text. */
function fromRow(row: Upload): Upload {
  return { ...row, sizeBytes: Number(row.sizeBytes) };
}
