import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { StoredFile, StoredFileKind, StoredFileType } from '../../shared/index.js';
import { KINDS, TYPES } from './files.dto.js';

export class AdminFileView {
  @ApiProperty({ example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  file_id: string;

  @ApiProperty({ enum: KINDS })
  kind: StoredFileKind;

  @ApiProperty({ type: String, nullable: true })
  client_id: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alice' })
  username: string | null;

  @ApiProperty({ example: 'cat.png' })
  file_name: string;

  @ApiProperty({ enum: TYPES })
  type: StoredFileType;

  @ApiProperty({ example: 'image/png' })
  mime_type: string;

  @ApiProperty({ type: 'integer' })
  file_size: number;

  @ApiProperty({ type: 'integer', nullable: true })
  width: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  height: number | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, nullable: true, description: "A result's." })
  task_id: string | null;

  @ApiProperty({ type: String, nullable: true, description: "A result's; it holds for an hour at least." })
  url: string | null;
}

export class AdminFileListView extends PageView {
  @ApiProperty({ type: [AdminFileView] })
  files: AdminFileView[];

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Without a user, kind, type and size are looked for in the 50,000 newest: this is where they begin.',
  })
  searched_from: string | null;
}

export class StorageKindView {
  @ApiProperty({ enum: KINDS })
  kind: StoredFileKind;

  @ApiProperty({ type: 'integer' })
  files: number;

  @ApiProperty({ type: 'integer' })
  bytes: number;
}

export class StorageGrowthView extends StorageKindView {
  @ApiProperty({ example: '2026-11-22', description: 'In UTC.' })
  day: string;
}

export class StorageUserView {
  @ApiProperty()
  client_id: string;

  @ApiProperty({ type: String, nullable: true })
  username: string | null;

  @ApiProperty({ type: 'integer' })
  files: number;

  @ApiProperty({ type: 'integer' })
  bytes: number;
}

export class StorageBlobsView {
  @ApiProperty({ type: 'integer', description: 'Contents that are stored, each once however many files have it.' })
  blobs: number;

  @ApiProperty({ type: 'integer' })
  bytes: number;

  @ApiProperty({ type: 'integer', description: 'Nothing refers to them any more; the sweep removes them.' })
  unreferenced: number;

  @ApiProperty({ type: 'integer' })
  unreferenced_bytes: number;
}

export class StorageDiskView {
  @ApiProperty({ type: 'integer' })
  total_bytes: number;

  @ApiProperty({ type: 'integer' })
  free_bytes: number;
}

export class StorageView {
  @ApiProperty({ type: [StorageKindView] })
  kinds: StorageKindView[];

  @ApiProperty({ type: [StorageUserView], description: 'The twenty with the most bytes.' })
  top_users: StorageUserView[];

  @ApiProperty({ type: StorageBlobsView })
  stored: StorageBlobsView;

  @ApiProperty({ type: StorageDiskView, description: 'Of the process that answers; always as it is now.' })
  disk: StorageDiskView;

  @ApiProperty({ type: [StorageGrowthView], description: 'What came in on the last thirty days that is still there.' })
  growth: StorageGrowthView[];

  @ApiProperty({ format: 'date-time', description: 'Sums are made anew once a minute at most.' })
  measured_at: string;
}

export function toAdminFileView(file: StoredFile, username: string | undefined, url: string | null): AdminFileView {
  return {
    file_id: file.fileId,
    kind: file.kind,
    client_id: file.userId,
    username: username ?? null,
    file_name: file.fileName,
    type: file.type,
    mime_type: file.mimeType,
    file_size: file.sizeBytes,
    width: file.width,
    height: file.height,
    created_at: file.createdAt.toISOString(),
    task_id: file.taskId,
    url,
  };
}
