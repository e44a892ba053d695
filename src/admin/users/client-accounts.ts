import type { Page } from '../../common/index.js';

export type AccountOrder = 'created' | 'last_access' | 'use';

export interface AccountFilter {
  /** A part of the username or nickname, or a whole id. */
  search?: string | undefined;
  isActive?: boolean | undefined;
  order: AccountOrder;
  limit: number;
  offset: number;
}

export interface Account {
  clientId: string;
  username: string | null;
  nickname: string | null;
  isActive: boolean;
  quotaLimit: number;
  /** Of the user's day of now. */
  quotaUsed: number;
  /** `YYYY-MM-DD` in the user's zone. */
  quotaDay: string;
  timeZone: string;
  createdAt: Date;
  lastAccessAt: Date | null;
  /** Of what admins may change. */
  version: string;
}

export interface AccountSession {
  sessionId: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date | null;
  expiresAt: Date;
}

export interface AccountKey {
  keyId: string;
  name: string;
  keyPrefix: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
}

export interface AccountDetail extends Account {
  tasks: Record<string, number>;
  sessions: AccountSession[];
  apiKeys: AccountKey[];
  uploads: { files: number; bytes: number };
  results: { files: number; bytes: number };
}

export interface NewAccount {
  username: string;
  password: string;
  nickname?: string | undefined;
  quota?: number | undefined;
}

export interface AccountChanges {
  nickname?: string | undefined;
  isActive?: boolean | undefined;
  quotaLimit?: number | undefined;
  timeZone?: string | undefined;
}

export interface ChangedAccount {
  before: Account;
  after: Account;
}

/**
 * Users' accounts, which lie with another module that this one must not know; the application hands it in
 * (src/user-ports.module.ts). What finds no such user says so by undefined.
 */
export interface ClientAccounts {
  /** By name or id. */
  findClientId(nameOrId: string): Promise<string | undefined>;
  /** Usernames by id, of those who have one. */
  listNames(clientIds: string[]): Promise<Map<string, string>>;
  list(filter: AccountFilter): Promise<Page<Account>>;
  findDetail(clientId: string): Promise<AccountDetail | undefined>;
  create(account: NewAccount): Promise<Account>;
  /** Throws 409 where it is not `version` any more. Disabling ends sign-ins, keys and streams for good. */
  change(clientId: string, changes: AccountChanges, version?: string): Promise<ChangedAccount | undefined>;
  /** Counts the day anew from 0; runs that are charged at the same time count. */
  resetQuota(clientId: string): Promise<ChangedAccount | undefined>;
  /** Ends all sign-ins. */
  setPassword(clientId: string, password: string): Promise<boolean>;
  /** How many ended; undefined: no such user. */
  endSessions(clientId: string): Promise<number | undefined>;
  /** Wishes the cancel of all that waits; the ids. */
  cancelQueued(clientId: string): Promise<string[]>;
}

export const CLIENT_ACCOUNTS = Symbol('client accounts');
