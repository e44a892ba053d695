import { ApiProperty } from '@nestjs/swagger';
import type { Upload } from './uploads.repository.js';

const FILE_ID = '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10';

/** A user's file. */
export class FileView {
  @ApiProperty({ type: String, example: FILE_ID })
  file_id: string;

  /** What tasks name it by. */
  @ApiProperty({ type: String, example: `2026/11/${FILE_ID}.png` })
  relative_path: string;

  @ApiProperty({ type: String, example: `${FILE_ID}.png` })
  filename: string;

  @ApiProperty({ type: String, example: 'lighthouse.png' })
  original_name: string;

  @ApiProperty({ type: 'integer', description: 'Bytes.', example: 482113 })
  file_size: number;

  @ApiProperty({ type: String, example: 'image/png' })
  mime_type: string;

  @ApiProperty({ type: 'integer', example: 832 })
  width: number;

  @ApiProperty({ type: 'integer', example: 480 })
  height: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' })
  created_at: string;
}

/** What the page reads after an upload; `full_path` is the address to fetch it from, never a path of the server. */
export class UploadedView extends FileView {
  @ApiProperty({ type: Boolean, example: true })
  success: true;

  @ApiProperty({ type: String, example: `/api/v2/uploads/2026/11/${FILE_ID}.png` })
  full_path: string;

  @ApiProperty({ type: String, example: 'The file is stored.' })
  message: string;
}

export class FileListView {
  @ApiProperty({ type: [FileView] })
  files: FileView[];

  @ApiProperty({ type: 'integer', example: 1 })
  total: number;

  @ApiProperty({ type: 'integer', example: 50 })
  limit: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset: number;
}

/** The answer to a deletion. */
export class FileDeletedView {
  @ApiProperty({ type: String, example: 'The file is deleted.' })
  message: string;

  @ApiProperty({ type: String, example: FILE_ID })
  file_id: string;
}

export function toFileView(upload: Upload): FileView {
  return {
    file_id: upload.fileId,
    relative_path: upload.relativePath,
    filename: upload.fileName,
    original_name: upload.originalName,
    file_size: upload.sizeBytes,
    mime_type: upload.mimeType,
    width: upload.width,
    height: upload.height,
    created_at: upload.createdAt.toISOString(),
  };
}

export function toUploadedView(upload: Upload): UploadedView {
  const full_path = `/api/v2/uploads/${upload.relativePath}`;
  return { success: true, ...toFileView(upload), full_path, message: 'The file is stored.' };
}
