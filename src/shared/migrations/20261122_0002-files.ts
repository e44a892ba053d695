import { createTable, type Migration } from '../../database/index.js';

export const files: Migration = {
  version: '20261122_0002',
  name: 'files',
  description: 'Creates global_files, blobs, store_identity.',
  steps: () => [globalFiles, blobs, storeIdentity],
};

const globalFiles = createTable(
  'global_files',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  file_id varchar(36) NOT NULL,
  source_type enum('client','admin','system') NOT NULL,
  source_user_id varchar(36),
  original_name varchar(255) NOT NULL,
  file_name varchar(255) NOT NULL,
  file_path varchar(500) NOT NULL,
  file_size bigint NOT NULL,
  mime_type varchar(100) NOT NULL,
  file_hash char(64),
  file_type enum('image','video','audio','document','other') NOT NULL,
  width int,
  height int,
  duration decimal(10,2),
  file_metadata json,
  is_public tinyint(1) NOT NULL DEFAULT 0,
  is_temporary tinyint(1) NOT NULL DEFAULT 0,
  expires_at datetime(3) NULL,
  download_count int NOT NULL DEFAULT 0,
  status varchar(64) NOT NULL DEFAULT 'active',
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_global_files_file_id (file_id),
  KEY ix_global_files_file_hash (file_hash),
  KEY ix_global_files_source_user_id_created_at (source_user_id, created_at),
  KEY ix_global_files_file_type (file_type),
  KEY ix_global_files_is_temporary_expires_at (is_temporary, expires_at)`,
);

const blobs = createTable(
  'blobs',
  `
  hash char(64) NOT NULL,
  size_bytes bigint NOT NULL DEFAULT 0,
  mime_type varchar(100),
  state enum('active','deleting') NOT NULL DEFAULT 'active',
  pinned_until datetime(3) NOT NULL,
  stored_at datetime(3) NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (hash),
  KEY ix_blobs_state_pinned_until (state, pinned_until)`,
);

const storeIdentity = createTable(
  'store_identity',
  `
  id int NOT NULL,
  installation_id char(36) NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id)`,
);
