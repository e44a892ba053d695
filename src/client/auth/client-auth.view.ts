import { ApiProperty } from '@nestjs/swagger';
import type { SessionTokens } from './client-sessions.service.js';
import type { ClientUserRecord } from './client-users.repository.js';

const CLIENT_ID = '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10';

/** What keeps a user signed in. */
export class TokensView implements SessionTokens {
  @ApiProperty({ type: String, example: 'eyJhbGciOiJIUzI1NiIs…', description: 'For `Authorization: Bearer …`.' })
  access_token: string;
  @ApiProperty({ enum: ['bearer'] }) token_type: 'bearer';
  @ApiProperty({ type: 'integer', example: 43_200, description: 'Seconds.' }) expires_in: number;
  @ApiProperty({
    type: String,
    example: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1mPq0s7tUvW',
    description: 'For one use at `POST /api/auth/refresh`, which gives the next one.',
  })
  refresh_token: string;
}

export class UserInfoView {
  @ApiProperty({ type: String, example: 'ann' }) username: string;
  @ApiProperty({ type: String, nullable: true, example: 'Ann' }) nickname: string | null;
  @ApiProperty({ type: String, example: CLIENT_ID }) client_id: string;
  @ApiProperty({ type: 'integer', example: 50 }) quota_limit: number;
  @ApiProperty({ type: 'integer', example: 3 }) quota_used: number;
}

export class LoginView extends TokensView {
  @ApiProperty({ type: UserInfoView }) user_info: UserInfoView;
}

export class RegisteredView {
  @ApiProperty({ type: String, example: CLIENT_ID }) client_id: string;
  @ApiProperty({ type: String, example: 'ann' }) username: string;
  @ApiProperty({ type: String, example: 'Ann' }) nickname: string;
  @ApiProperty({ type: 'integer', example: 50, description: 'Tasks a day.' }) quota_limit: number;
}

export class QuotaView {
  @ApiProperty({ type: 'integer', example: 50 }) quota_limit: number;
  @ApiProperty({ type: 'integer', example: 3 }) quota_used: number;
  @ApiProperty({ type: 'integer', example: 47 }) quota_remaining: number;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-03-01',
    description: "The counted day, in the user's zone.",
  })
  quota_reset_date: string | null;
}

export class ProfileView {
  @ApiProperty({ type: String, example: 'ann' }) username: string;
  @ApiProperty({ type: String, nullable: true, example: 'Ann' }) nickname: string | null;
  @ApiProperty({ type: String, example: CLIENT_ID }) client_id: string;
  @ApiProperty({ type: Boolean, example: true }) is_active: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:00.000Z' })
  last_access_at: string | null;
  @ApiProperty({ type: QuotaView }) quota: QuotaView;
}

export function toLoginView(tokens: SessionTokens, user: ClientUserRecord): LoginView {
  return {
    ...tokens,
    user_info: {
      username: user.username,
      nickname: user.nickname,
      client_id: user.clientId,
      quota_limit: user.quotaLimit,
      quota_used: user.quotaUsed,
    },
  };
}

export function toProfileView(user: ClientUserRecord): ProfileView {
  return {
    username: user.username,
    nickname: user.nickname,
    client_id: user.clientId,
    is_active: user.isActive === 1,
    last_access_at: user.lastAccessAt?.toISOString() ?? null,
    quota: {
      quota_limit: user.quotaLimit,
      quota_used: user.quotaUsed,
      quota_remaining: Math.max(0, user.quotaLimit - user.quotaUsed),
      quota_reset_date: user.quotaDay,
    },
  };
}
