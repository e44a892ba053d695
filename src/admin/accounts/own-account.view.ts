import { ApiProperty } from '@nestjs/swagger';
import { ADMIN_ROLES, type AdminRole } from '../auth/admin-role.js';
import type { AdminUserRecord } from '../auth/admin-users.repository.js';
import type { CurrentAdmin } from '../auth/current-admin.js';
import { PERMISSIONS, permissionsOf, type Permission } from '../auth/permissions.js';

const EVERY_PERMISSION = Object.keys(PERMISSIONS);

/** Who is signed in, and what he may do. */
export class OwnAccountView {
  @ApiProperty({ type: String, example: '1' }) admin_id: string;
  @ApiProperty({ type: String, example: 'ada' }) username: string;
  @ApiProperty({ type: String, nullable: true, example: 'Ada L.' }) display_name: string | null;
  @ApiProperty({ type: String, example: 'ada@example.org' }) email: string;
  @ApiProperty({ enum: ADMIN_ROLES }) role: AdminRole;
  @ApiProperty({ enum: EVERY_PERMISSION, isArray: true, example: ['nodes.read', 'nodes.operate'] })
  permissions: Permission[];
  @ApiProperty({ type: Boolean, example: true }) has_totp: boolean;
  @ApiProperty({ type: 'integer', example: 10 }) recovery_codes_left: number;
  @ApiProperty({ type: String, example: '0b3c1c1e-6f55-4f6c-9a3f-0c4f8a3d2b11' }) session_id: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:00.000Z' })
  last_login_at: string | null;
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7' }) last_login_ip: string | null;
}

export class NewTotpView {
  @ApiProperty({ type: String, example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }) secret: string;
  @ApiProperty({
    type: String,
    example: 'otpauth://totp/ComfyUI%20Web%20Service:ada?secret=JBSWY3DPEHPK3PXP&issuer=ComfyUI%20Web%20Service',
    description: 'For a QR code.',
  })
  otpauth_uri: string;
}

export class RecoveryCodesView {
  @ApiProperty({
    type: [String],
    example: ['3f9a-71c0-88d2-0b4e-a6f1'],
    description: 'Each stands in once for a code of the app; shown this once and never again.',
  })
  recovery_codes: string[];
}

export function toOwnAccountView(
  user: AdminUserRecord,
  { sessionId }: CurrentAdmin,
  recoveryCodesLeft: number,
): OwnAccountView {
  return {
    admin_id: user.id,
    username: user.username,
    display_name: user.displayName,
    email: user.email,
    role: user.role,
    permissions: permissionsOf(user.role),
    has_totp: user.totpConfirmedAt !== null,
    recovery_codes_left: recoveryCodesLeft,
    session_id: sessionId,
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
    last_login_ip: user.lastLoginIp,
  };
}
