import { createTable, type Migration, type MigrationStep } from '../../database/index.js';

export const secondFactors: Migration = {
  version: '20261122_0006',
  name: 'second-factors',
  description:
    "Adds admins' second factor with its recovery codes, a version of each account, and an index of audit_logs by actor.",
  steps: () => [
    addColumn('totp_confirmed_at', 'datetime(3) NULL'),
    addColumn('totp_last_step', 'bigint NULL'),
    addColumn('version', 'int NOT NULL DEFAULT 0'),
    recoveryCodes,
    {
      up: 'ALTER TABLE audit_logs ADD INDEX ix_audit_logs_actor (actor), ALGORITHM=INPLACE, LOCK=NONE',
      down: 'ALTER TABLE audit_logs DROP INDEX ix_audit_logs_actor, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'audit_logs' AND index_name = 'ix_audit_logs_actor'`,
    },
  ],
};

function addColumn(column: string, definition: string): MigrationStep {
  return {
    up: `ALTER TABLE admin_users ADD COLUMN ${column} ${definition}, ALGORITHM=INSTANT, LOCK=DEFAULT`,
    down: `ALTER TABLE admin_users DROP COLUMN ${column}, ALGORITHM=INSTANT, LOCK=DEFAULT`,
    landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
             AND table_name = 'admin_users' AND column_name = '${column}'`,
  };
}

const recoveryCodes = createTable(
  'admin_recovery_codes',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  admin_user_id bigint NOT NULL,
  code_hash char(64) NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  used_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_admin_recovery_codes_admin_user_id_code_hash (admin_user_id, code_hash),
  CONSTRAINT fk_admin_recovery_codes_admin_user_id FOREIGN KEY (admin_user_id) REFERENCES admin_users (id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);
