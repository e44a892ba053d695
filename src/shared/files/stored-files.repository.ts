import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase, type SqlValue } from '../../database/index.js';

export type StoredFileKind = 'upload' | 'result';
export type StoredFileType = 'image' | 'video' | 'audio' | 'document' | 'other';

export interface StoredFileFilter {
  kind?: StoredFileKind | undefined;
  userId?: string | undefined;
  type?: StoredFileType | undefined;
  minBytes?: number | undefined;
  maxBytes?: number | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

export interface StoredFile {
  fileId: string;
  kind: StoredFileKind;
  userId: string | null;
  fileName: string;
  fileHash: string | null;
  mimeType: string;
  type: StoredFileType;
  sizeBytes: number;
  width: number | null;
  height: number | null;
  createdAt: Date;
  /** Of a result. */
  taskId: string | null;
  outputIndex: number | null;
}

interface StoredFileRow extends Omit<StoredFile, 'kind' | 'sizeBytes' | 'taskId'> {
  sizeBytes: string;
  metadata: unknown;
}

/** Of one kind, made on one day in UTC. */
export interface DayOfFiles {
  day: string;
  kind: StoredFileKind;
  files: number;
  bytes: number;
}

export interface UserFiles {
  userId: string;
  files: number;
  bytes: number;
}

export interface StoredBlobs {
  blobs: number;
  bytes: number;
  /** Nothing refers to them: they wait for the sweep, or until they are old enough for it. */
  unreferenced: number;
  unreferencedBytes: number;
}

/** SQL of all stored files, whosever they are. Results tell of their task in their metadata, uploads have none. */
@Injectable()
export class StoredFilesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** The newest first. */
  async list(filter: StoredFileFilter, limit: number, offset: number): Promise<StoredFile[]> {
    const { from, where, values } = conditionsOf(filter);
    const rows = await this.database.rows<StoredFileRow>(
      `SELECT f.file_id AS fileId, f.source_user_id AS userId, f.original_name AS fileName, f.file_hash AS fileHash,
              f.mime_type AS mimeType, f.file_type AS type, f.file_size AS sizeBytes, f.width, f.height,
              f.created_at AS createdAt, f.file_metadata AS metadata, r.output_index AS outputIndex
       FROM (SELECT id AS page_id FROM ${from} WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) page
       JOIN global_files f ON f.id = page.page_id LEFT JOIN global_task_results r ON r.file_id = f.file_id
       ORDER BY f.created_at DESC, f.id DESC`,
      [...values, limit, offset],
    );
    return rows.map(({ metadata, ...row }) => {
      const { taskId = null } = fromJson<{ taskId?: string } | null>(metadata) ?? {};
      const kind = metadata === null ? 'upload' : 'result';
      return { ...row, kind, taskId, sizeBytes: Number(row.sizeBytes) };
    });
  }

  async count(filter: StoredFileFilter): Promise<number> {
    const { from, where, values } = conditionsOf(filter);
    const [row] = await this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${from} WHERE ${where}`, values);
    return Number(row?.n ?? 0);
  }

  /** When the file was stored that stands so far behind the newest one of the time asked for; undefined: there are fewer. */
  async findTimeOf({ from, to }: StoredFileFilter, place: number): Promise<Date | undefined> {
    const { from: table, where, values } = conditionsOf({ from, to });
    const [row] = await this.database.rows<{ createdAt: Date }>(
      `SELECT created_at AS createdAt FROM ${table} WHERE ${where} ORDER BY created_at DESC LIMIT 1 OFFSET ?`,
      [...values, place],
    );
    return row?.createdAt;
  }

  async has(fileId: string): Promise<boolean> {
    return (await this.database.rows('SELECT 1 FROM global_files WHERE file_id = ?', [fileId])).length === 1;
  }

  async sumByDay(): Promise<DayOfFiles[]> {
    const rows = await this.database.rows<{ day: string; isUpload: number; files: string; bytes: string }>(
      `SELECT DATE_FORMAT(created_at, '%Y-%m-%d') AS day, file_metadata IS NULL AS isUpload, COUNT(*) AS files,
              SUM(file_size) AS bytes
       FROM global_files GROUP BY day, isUpload ORDER BY day`,
    );
    return rows.map(({ day, isUpload, files, bytes }) => ({
      day,
      kind: Number(isUpload) === 1 ? 'upload' : 'result',
      files: Number(files),
      bytes: Number(bytes),
    }));
  }

  async sumByUser(most: number): Promise<UserFiles[]> {
    const rows = await this.database.rows<{ userId: string; files: string; bytes: string }>(
      `SELECT source_user_id AS userId, COUNT(*) AS files, SUM(file_size) AS bytes FROM global_files
       WHERE source_user_id IS NOT NULL GROUP BY source_user_id ORDER BY SUM(file_size) DESC LIMIT ?`,
      [most],
    );
    return rows.map(({ userId, files, bytes }) => ({ userId, files: Number(files), bytes: Number(bytes) }));
  }

  async sumBlobs(): Promise<StoredBlobs> {
    const [row] = await this.database.rows<Record<keyof StoredBlobs, string | null>>(
      `SELECT COUNT(*) AS blobs, SUM(size_bytes) AS bytes, SUM(NOT is_referenced) AS unreferenced,
              SUM(IF(is_referenced, 0, size_bytes)) AS unreferencedBytes
       FROM (SELECT b.size_bytes,
               (EXISTS (SELECT 1 FROM global_files f WHERE f.file_hash = b.hash)
                OR EXISTS (SELECT 1 FROM global_task_results r WHERE r.file_hash = b.hash)
                OR EXISTS (SELECT 1 FROM global_task_parameters p WHERE p.file_hash = b.hash)
                OR EXISTS (SELECT 1 FROM blob_renditions v WHERE v.file_hash = b.hash)) AS is_referenced
             FROM blobs b) stored`,
    );
    return {
      blobs: Number(row?.blobs ?? 0),
      bytes: Number(row?.bytes ?? 0),
      unreferenced: Number(row?.unreferenced ?? 0),
      unreferencedBytes: Number(row?.unreferencedBytes ?? 0),
    };
  }
}

function conditionsOf(filter: StoredFileFilter): { from: string; where: string; values: SqlValue[] } {
  const parts: [string, SqlValue][] = [
    ['source_user_id = ?', filter.userId],
    ['file_type = ?', filter.type],
    ['file_size >= ?', filter.minBytes],
    ['file_size <= ?', filter.maxBytes],
    ['created_at >= ?', filter.from],
    ['created_at < ?', filter.to],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const ofKind = filter.kind ? [`file_metadata IS ${filter.kind === 'upload' ? '' : 'NOT '}NULL`] : [];
  const where = [...given.map(([condition]) => condition), ...ofKind].join(' AND ') || 'TRUE';
  const index = filter.userId === undefined ? 'created_at' : 'source_user_id_created_at';
  const from = `global_files FORCE INDEX (ix_global_files_${index})`;
  return { from, where, values: given.map(([, value]) => value) };
}
