import { execFile } from 'node:child_process';
import { DATABASE_USERS, type Settings } from '../../src/config/index.js';
import { DATABASE_NAMES } from '../../src/database/index.js';

export interface CommandOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs one command of the built program (`npm run build`) in a process of its own, on the databases of the settings. */
export function runCommand(
  commandLine: string[],
  { mysql, dataDir, storage, secrets }: Settings,
  stdin = '',
): Promise<CommandOutcome> {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    CONFIG_FILE: '',
    DATA_DIR: dataDir,
    STORAGE_DIRECTORY: storage.directory,
    SECRETS_SIGNING_KEY: secrets.signingKey,
    SECRETS_ENCRYPTION_KEY: secrets.encryptionKey,
  };
  for (const user of DATABASE_USERS) env[`MYSQL_${user.toUpperCase()}_PASSWORD`] = mysql[user].password;
  for (const name of DATABASE_NAMES) env[`MYSQL_${name.toUpperCase()}_SOCKET_PATH`] = mysql[name].socketPath;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['dist/src/cli.js', ...commandLine], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
}
