import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { AdminSessionRecord } from './admin-sessions.repository.js';

/** A sign-in that holds. */
export class SessionView {
  @ApiProperty({ type: String, example: '0b3c1c1e-6f55-4f6c-9a3f-0c4f8a3d2b11' }) session_id: string;
  @ApiProperty({ type: Boolean, example: true, description: 'Whether it is the one that asks.' }) is_current: boolean;
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7' }) ip_address: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0 …' }) user_agent: string | null;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T22:00:00.000Z' }) expires_at: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-22T12:30:00.000Z',
    description: 'To five minutes.',
  })
  last_seen_at: string | null;
}

export class SessionListView extends PageView {
  @ApiProperty({ type: [SessionView] }) sessions: SessionView[];
}

export class SessionsEndedView {
  @ApiProperty({ type: 'integer', example: 2 }) ended: number;
}

export function toSessionView(session: AdminSessionRecord, currentSessionId: string | undefined): SessionView {
  return {
    session_id: session.sessionId,
    is_current: session.sessionId === currentSessionId,
    ip_address: session.ipAddress,
    user_agent: session.userAgent,
    created_at: session.createdAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    last_seen_at: session.lastSeenAt?.toISOString() ?? null,
  };
}
