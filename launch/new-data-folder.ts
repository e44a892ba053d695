import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolderArguments, purposeArguments, temporaryFolder, type ServerPurpose } from './server-arguments.js';
import type { ServerBinary } from './server-binary.js';

/** MariaDB's own files, in the order in which mariadb-install-db feeds them; the help texts (1 MB) are left out. */
const SYSTEM_SQL = ['system_tables', 'performance_tables', 'system_tables_data', 'gis_sp_bootstrap', 'sys_schema'];

/**
 * Makes a server's data folder with one account: root@localhost without a password, which only the socket reaches
 * (with --skip-name-resolve a TCP connection comes from 127.0.0.1, never from localhost).
 * Made beside and renamed, so that a start that was cut off leaves no half-made folder.
 */
export function makeDataFolder(binary: ServerBinary, dataDir: string, purpose: ServerPurpose): void {
  if (existsSync(join(dataDir, 'mysql'))) return;
  const partial = `${dataDir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const folder of [partial, temporaryFolder(partial)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { status, stderr, error } = binary.kind === 'mariadb' ? bootstrapMariadb() : initialiseMysql();
  if (status !== 0)
    throw new Error(`${binary.path} could not make a new data folder at ${dataDir}.\n${lastLines(String(stderr))}`, {
      cause: error,
    });
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(partial, dataDir);
  rmSync(temporaryFolder(partial), { recursive: true, force: true });

  function bootstrapMariadb() {
    return run(['--bootstrap', '--log-warnings=0', '--enforce-storage-engine='], systemSql(binary));
  }
  function initialiseMysql() {
    return run(['--initialize-insecure'], '');
  }
  function run(more: string[], input: string) {
    const common = [...dataFolderArguments(binary, partial), ...purposeArguments(binary.kind, purpose)];
    // The binlog starts with the first real start: system tables are no data of anyone's.
    const options = common.filter((argument) => !/^--(log-bin|binlog|sync-binlog|server-id)/.test(argument));
    return spawnSync(binary.path, [...options, ...more], {
      input,
      encoding: 'utf8',
      env: { ...process.env, ...binary.environment },
    });
  }
}

function systemSql({ path, shareDir }: ServerBinary): string {
  if (!shareDir) throw new Error(`No SQL files for a new data folder lie beside ${path} (share/mysql, share/mariadb).`);
  const read = (subject: string) => {
    const names = ['mariadb', 'mysql', 'maria_add'].map((prefix) => join(shareDir, `${prefix}_${subject}.sql`));
    const found = names.find(existsSync);
    if (!found) throw new Error(`${shareDir} has no ${subject}.sql, which a new data folder needs.`);
    return readFileSync(found, 'utf8');
  };
  return [
    'CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n',
    ...SYSTEM_SQL.map(read),
    "\nUSE mysql;\nDELETE FROM global_priv WHERE User = 'root' AND Host <> 'localhost';\n",
    "DELETE FROM proxies_priv WHERE Host <> 'localhost';\n",
  ].join('\n');
}

/** The end of a server's log, where it says why it stopped. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
