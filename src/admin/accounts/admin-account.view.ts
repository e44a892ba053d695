import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import { ADMIN_ROLES, type AdminRole } from '../auth/admin-role.js';
import { ADMIN_STATUSES, type AdminStatus, type AdminUserRecord } from '../auth/admin-users.repository.js';

const TIME = { type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' } as const;

export class AdminAccountView {
  @ApiProperty({ type: String, example: '7' }) admin_id: string;
  @ApiProperty({ type: String, example: 'ada' }) username: string;
  @ApiProperty({ type: String, nullable: true, example: 'Ada L.' }) display_name: string | null;
  @ApiProperty({ type: String, example: 'ada@example.org' }) email: string;
  @ApiProperty({ enum: ADMIN_ROLES }) role: AdminRole;
  @ApiProperty({ enum: ADMIN_STATUSES }) status: AdminStatus;
  @ApiProperty({ ...TIME, nullable: true, description: 'No sign-in until then, after too many failed ones.' })
  locked_until: string | null;
  @ApiProperty({ type: Boolean, example: true }) has_totp: boolean;
  @ApiProperty({ ...TIME, nullable: true }) last_login_at: string | null;
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7' }) last_login_ip: string | null;
  @ApiProperty(TIME) created_at: string;
  @ApiProperty({ type: 'integer', example: 3, description: 'Sent back with a change, so that none is lost.' })
  version: number;
}

/** An account just made, or one with a new password. */
export class AdminWithPasswordView extends AdminAccountView {
  @ApiPropertyOptional({ type: String, description: 'Only where it was made here: shown this once and never again.' })
  password?: string;
}

export class AdminAccountListView extends PageView {
  @ApiProperty({ type: [AdminAccountView] }) admins: AdminAccountView[];
}

export function toAdminAccountView(user: AdminUserRecord, now: Date): AdminAccountView {
  const isLocked = user.lockedUntil !== null && user.lockedUntil > now;
  return {
    admin_id: user.id,
    username: user.username,
    display_name: user.displayName,
    email: user.email,
    role: user.role,
    status: user.status,
    locked_until: isLocked ? user.lockedUntil!.toISOString() : null,
    has_totp: user.totpConfirmedAt !== null,
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
    last_login_ip: user.lastLoginIp,
    created_at: user.createdAt.toISOString(),
    version: user.version,
  };
}
