import { createTable, type Migration } from '../../database/index.js';

export const usersAndSessions: Migration = {
  version: '20261122_0001',
  name: 'users-and-sessions',
  description: 'Creates client_users, client_sessions, refresh_tokens, api_keys.',
  steps: () => [clientUsers, clientSessions, refreshTokens, apiKeys],
};

const clientUsers = createTable(
  'client_users',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  client_id varchar(36) NOT NULL,
  username varchar(64),
  password_hash varchar(255),
  session_token varchar(64),
  ip_address varchar(64),
  user_agent text,
  nickname varchar(100),
  quota_limit int NOT NULL DEFAULT 50,
  quota_used int NOT NULL DEFAULT 0,
  quota_reset_date date,
  is_active tinyint(1) NOT NULL DEFAULT 1,
  time_zone varchar(64) NOT NULL DEFAULT 'UTC',
  webhook_url varchar(500),
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  last_access_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_client_users_client_id (client_id),
  UNIQUE KEY uq_client_users_username (username),
  UNIQUE KEY uq_client_users_session_token (session_token),
  KEY ix_client_users_ip_address (ip_address)`,
);

const clientSessions = createTable(
  'client_sessions',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  session_id char(36) NOT NULL,
  client_id varchar(36) NOT NULL,
  ip_address varchar(64),
  user_agent text,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expires_at datetime(3) NOT NULL,
  revoked_at datetime(3) NULL,
  last_seen_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_client_sessions_session_id (session_id),
  KEY ix_client_sessions_client_id (client_id),
  KEY ix_client_sessions_expires_at (expires_at),
  CONSTRAINT fk_client_sessions_client_id FOREIGN KEY (client_id) REFERENCES client_users (client_id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);

const refreshTokens = createTable(
  'refresh_tokens',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  token_hash char(64) NOT NULL,
  session_id char(36) NOT NULL,
  client_id varchar(36) NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expires_at datetime(3) NOT NULL,
  used_at datetime(3) NULL,
  revoked_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_refresh_tokens_token_hash (token_hash),
  KEY ix_refresh_tokens_session_id (session_id),
  KEY ix_refresh_tokens_client_id (client_id),
  KEY ix_refresh_tokens_expires_at (expires_at),
  CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY (session_id) REFERENCES client_sessions (session_id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);

const apiKeys = createTable(
  'api_keys',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  key_id char(36) NOT NULL,
  client_id varchar(36) NOT NULL,
  name varchar(100) NOT NULL,
  key_hash char(64) NOT NULL,
  key_prefix varchar(64) NOT NULL,
  scopes json NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  last_used_at datetime(3) NULL,
  expires_at datetime(3) NULL,
  revoked_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_api_keys_key_id (key_id),
  UNIQUE KEY uq_api_keys_key_hash (key_hash),
  KEY ix_api_keys_client_id (client_id),
  CONSTRAINT fk_api_keys_client_id FOREIGN KEY (client_id) REFERENCES client_users (client_id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);
