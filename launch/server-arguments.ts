import type { ServerBinary } from './server-binary.js';

/** `user`: people's data, safe against power loss. `test`: thrown away after the run, so fast instead of safe. */
export type ServerPurpose = 'user' | 'test';

/**
 * `--no-defaults` must come first: no my.cnf of this machine may reach into a private server. The folder for temporary
 * tables is its own: a starting MariaDB removes every `#sql*` file there, and in a shared /tmp those of its neighbours,
 * which then crash (seen).
 */
export function dataFolderArguments(binary: ServerBinary, dataDir: string): string[] {
  return [
    '--no-defaults',
    ...binary.arguments,
    `--datadir=${dataDir}`,
    `--tmpdir=${temporaryFolder(dataDir)}`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

export function temporaryFolder(dataDir: string): string {
  return `${dataDir}.tmp`;
}

export function purposeArguments(kind: ServerBinary['kind'], purpose: ServerPurpose): string[] {
  const common = [
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--default-time-zone=+00:00',
    '--transaction-isolation=READ-COMMITTED',
    // A process of ours holds about 70 connections; the rest is for further processes, backups and people.
    '--max-connections=400',
    '--max-allowed-packet=64M',
    '--local-infile=0',
    ...(kind === 'mysql' ? ['--mysqlx=OFF'] : []),
  ];
  return [...common, ...(purpose === 'user' ? durable(kind) : fast(kind))];
}

function durable(kind: ServerBinary['kind']): string[] {
  return [
    '--innodb-buffer-pool-size=256M',
    '--innodb-flush-log-at-trx-commit=1',
    // Point-in-time restore needs ROW binlogs; 604,800 s are 7 days. A commit that the binlog lost is rolled back when
    // the server recovers, so the binlog has to be as durable as the redo log.
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--binlog-expire-logs-seconds=604800',
    '--sync-binlog=1',
    '--server-id=1',
    kind === 'mariadb' ? '--innodb-log-file-size=96M' : '--innodb-redo-log-capacity=128M',
  ];
}

function fast(kind: ServerBinary['kind']): string[] {
  return [
    '--innodb-buffer-pool-size=64M',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-doublewrite=0',
    '--skip-log-bin',
    '--skip-networking',
    ...(kind === 'mariadb'
      ? ['--innodb-log-file-size=8M']
      : ['--innodb-redo-log-capacity=8M', '--performance-schema=OFF']),
  ];
}
