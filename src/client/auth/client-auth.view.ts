import type { ClientUserRecord } from './client-users.repository.js';

export interface LoginView {
  access_token: string;
  token_type: 'bearer';
  user_info: {
    username: string;
    nickname: string | null;
    client_id: string;
    quota_limit: number;
    quota_used: number;
  };
}

export interface ProfileView {
  username: string;
  nickname: string | null;
  client_id: string;
  is_active: boolean;
  last_access_at: string | null;
  quota: {
    quota_limit: number;
    quota_used: number;
    quota_remaining: number;
    /** The day that is counted, in the user's zone. */
    quota_reset_date: string | null;
  };
}

export function toLoginView(accessToken: string, user: ClientUserRecord): LoginView {
  return {
    access_token: accessToken,
    token_type: 'bearer',
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
