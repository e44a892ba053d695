import { ApiProperty } from '@nestjs/swagger';
import type { AuditLogRecord } from './audit-logs.repository.js';

/** Who did what to what, from where, and what it was before and after. */
export class AuditEntryView {
  @ApiProperty({ type: String, example: '1204' }) id: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) created_at: string;
  @ApiProperty({ type: String, example: 'ada' }) actor: string;
  @ApiProperty({ type: String, nullable: true, example: '7', description: 'Null for commands, nodes and strangers.' })
  admin_id: string | null;
  @ApiProperty({ type: String, example: 'node.cordon' }) action: string;
  @ApiProperty({ type: String, nullable: true, example: 'node' }) target_type: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'gpu-1' }) target_id: string | null;
  @ApiProperty({ type: Object, nullable: true, example: { is_cordoned: false } }) before: unknown;
  @ApiProperty({ type: Object, nullable: true, example: { is_cordoned: true } }) after: unknown;
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7' }) ip_address: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0 …' }) user_agent: string | null;
  @ApiProperty({ type: String, nullable: true, example: '5f7d2c1e-6f55-4f6c-9a3f-0c4f8a3d2b11' })
  request_id: string | null;
}

export class AuditListView {
  @ApiProperty({ type: [AuditEntryView] }) entries: AuditEntryView[];
  @ApiProperty({ type: 'integer', example: 3, description: 'Of all that match; counting ends at 10000.' })
  total: number;
  @ApiProperty({ type: Boolean, example: true, description: 'False: there are more than `total`.' })
  is_total_exact: boolean;
  @ApiProperty({ type: 'integer', example: 20 }) limit: number;
  @ApiProperty({ type: String, nullable: true, example: '1185', description: 'Send it as `cursor`; null: the end.' })
  next_cursor: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: '`from`, or with `q` alone 30 days before `to` or now; null: from the beginning.',
  })
  searched_from: string | null;
}

export function toAuditEntryView(entry: AuditLogRecord): AuditEntryView {
  return {
    id: entry.id,
    created_at: entry.createdAt.toISOString(),
    actor: entry.actor,
    admin_id: entry.adminUserId,
    action: entry.action,
    target_type: entry.targetType,
    target_id: entry.targetId,
    before: entry.before,
    after: entry.after,
    ip_address: entry.ipAddress,
    user_agent: entry.userAgent,
    request_id: entry.requestId,
  };
}
