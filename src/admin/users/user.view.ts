import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { Account, AccountDetail } from './client-accounts.js';

export class UserView {
  @ApiProperty({ example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  client_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'alice' })
  username: string | null;

  @ApiProperty({ type: String, nullable: true })
  nickname: string | null;

  @ApiProperty()
  is_active: boolean;

  @ApiProperty({ type: 'integer' })
  quota_limit: number;

  @ApiProperty({ type: 'integer', description: 'Runs of quota_day.' })
  quota_used: number;

  @ApiProperty({ example: '2026-11-22', description: "The user's day of now." })
  quota_day: string;

  @ApiProperty({ example: 'UTC' })
  time_zone: string;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  last_access_at: string | null;

  @ApiProperty({ description: 'For PATCH: of what can be changed there.' })
  version: string;
}

export class UserListView extends PageView {
  @ApiProperty({ type: [UserView] })
  users: UserView[];
}

export class UserSessionView {
  @ApiProperty()
  session_id: string;

  @ApiProperty({ type: String, nullable: true })
  ip_address: string | null;

  @ApiProperty({ type: String, nullable: true })
  user_agent: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  last_seen_at: string | null;

  @ApiProperty({ format: 'date-time' })
  expires_at: string;
}

export class UserKeyView {
  @ApiProperty()
  key_id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ description: 'What the key begins with.' })
  key_prefix: string;

  @ApiProperty({ type: [String] })
  scopes: string[];

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  last_used_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  expires_at: string | null;
}

export class UserFilesView {
  @ApiProperty({ type: 'integer' })
  files: number;

  @ApiProperty({ type: 'integer', description: 'Several files may share the same stored bytes.' })
  bytes: number;
}

export class UserStorageView {
  @ApiProperty({ type: UserFilesView })
  uploads: UserFilesView;

  @ApiProperty({ type: UserFilesView })
  results: UserFilesView;
}

export class UserDetailView extends UserView {
  @ApiProperty({ type: Object, example: { queued: 1, completed: 41 }, description: 'By status, those that there are.' })
  tasks: Record<string, number>;

  @ApiProperty({ type: [UserSessionView] })
  sessions: UserSessionView[];

  @ApiProperty({ type: [UserKeyView] })
  api_keys: UserKeyView[];

  @ApiProperty({ type: UserStorageView })
  storage: UserStorageView;
}

export class CreatedUserView extends UserView {
  @ApiPropertyOptional({ type: String, description: 'Where none was given; it is shown this once.' })
  password?: string;
}

export class ChangedUserView extends UserView {
  @ApiPropertyOptional({ type: 'integer', description: 'Tasks whose cancel is wished now.' })
  cancelled_tasks?: number;
}

export class UserPasswordView {
  @ApiProperty()
  client_id: string;

  @ApiPropertyOptional({ type: String, description: 'Where none was given; it is shown this once.' })
  password?: string;
}

export class EndedSessionsView {
  @ApiProperty()
  client_id: string;

  @ApiProperty({ type: 'integer' })
  ended: number;
}

export function toUserView(account: Account): UserView {
  return {
    client_id: account.clientId,
    username: account.username,
    nickname: account.nickname,
    is_active: account.isActive,
    quota_limit: account.quotaLimit,
    quota_used: account.quotaUsed,
    quota_day: account.quotaDay,
    time_zone: account.timeZone,
    created_at: account.createdAt.toISOString(),
    last_access_at: textOf(account.lastAccessAt),
    version: account.version,
  };
}

export function toUserDetailView(account: AccountDetail): UserDetailView {
  return {
    ...toUserView(account),
    tasks: account.tasks,
    sessions: account.sessions.map((session) => ({
      session_id: session.sessionId,
      ip_address: session.ipAddress,
      user_agent: session.userAgent,
      created_at: session.createdAt.toISOString(),
      last_seen_at: textOf(session.lastSeenAt),
      expires_at: session.expiresAt.toISOString(),
    })),
    api_keys: account.apiKeys.map((key) => ({
      key_id: key.keyId,
      name: key.name,
      key_prefix: key.keyPrefix,
      scopes: key.scopes,
      created_at: key.createdAt.toISOString(),
      last_used_at: textOf(key.lastUsedAt),
      expires_at: textOf(key.expiresAt),
    })),
    storage: { uploads: account.uploads, results: account.results },
  };
}

function textOf(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
