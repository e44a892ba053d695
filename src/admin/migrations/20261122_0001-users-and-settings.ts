import { createTable, type Migration } from '../../database/index.js';

export const usersAndSettings: Migration = {
  version: '20261122_0001',
  name: 'users-and-settings',
  description: 'Creates admin_users, sessions, system_configs.',
  steps: () => [adminUsers, sessions, systemConfigs],
};

const adminUsers = createTable(
  'admin_users',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  username varchar(64) NOT NULL,
  email varchar(100) NOT NULL,
  password_hash varchar(255) NOT NULL,
  display_name varchar(100),
  role enum('super_admin','admin','operator','viewer') NOT NULL DEFAULT 'viewer',
  status enum('active','inactive','locked') NOT NULL DEFAULT 'active',
  permissions json,
  last_login_ip varchar(64),
  login_count int NOT NULL DEFAULT 0,
  failed_logins int NOT NULL DEFAULT 0,
  locked_until datetime(3) NULL,
  totp_secret varchar(255),
  time_zone varchar(64) NOT NULL DEFAULT 'UTC',
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  last_login_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_admin_users_username (username),
  UNIQUE KEY uq_admin_users_email (email),
  KEY ix_admin_users_role (role)`,
);

const sessions = createTable(
  'sessions',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  session_id char(36) NOT NULL,
  admin_user_id bigint NOT NULL,
  ip_address varchar(64),
  user_agent text,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expires_at datetime(3) NOT NULL,
  revoked_at datetime(3) NULL,
  last_seen_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_sessions_session_id (session_id),
  KEY ix_sessions_admin_user_id (admin_user_id),
  KEY ix_sessions_expires_at (expires_at),
  CONSTRAINT fk_sessions_admin_user_id FOREIGN KEY (admin_user_id) REFERENCES admin_users (id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);

const systemConfigs = createTable(
  'system_configs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  config_key varchar(100) NOT NULL,
  config_value text,
  config_type enum('string','int','float','boolean','json') NOT NULL DEFAULT 'string',
  description text,
  is_public tinyint(1) NOT NULL DEFAULT 0,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_system_configs_config_key (config_key),
  KEY ix_system_configs_is_public (is_public)`,
);
