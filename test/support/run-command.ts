import { execFile, type ChildProcess } from 'node:child_process';
import { DATABASE_USERS, type Settings } from '../../src/config/index.js';
import { DATABASE_NAMES } from '../../src/database/index.js';

export interface CommandOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs one command of the built program (`npm run build`) in a process of its own, on the databases of the settings. */
export function runCommand(commandLine: string[], settings: Settings, stdin = ''): Promise<CommandOutcome> {
  return startCommand(commandLine, settings, stdin).outcome;
}

/** The same, and the process that a test may send signals to while it runs. */
export function startCommand(
  commandLine: string[],
  { mysql, dataDir, storage, secrets, flames, retention }: Settings,
  stdin = '',
): { child: ChildProcess; outcome: Promise<CommandOutcome> } {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    CONFIG_FILE: '',
    DATA_DIR: dataDir,
    STORAGE_DIRECTORY: storage.directory,
    RETENTION_CLIENT_DATA_DAYS: String(retention.clientDataDays),
    SECRETS_SIGNING_KEY: secrets.signingKey,
    SECRETS_ENCRYPTION_KEY: secrets.encryptionKey,
    FLAMES_ALLOW_PRIVATE_TARGETS: String(flames.allowPrivateTargets),
    FLAMES_SCORER_KIND: flames.scorer.kind,
    FLAMES_SCORER_ADDRESS: flames.scorer.address,
    FLAMES_TARGET_API_SITE: flames.target.apiSite,
    FLAMES_TARGET_API_KEY: flames.target.apiKey,
  };
  for (const user of DATABASE_USERS) env[`MYSQL_${user.toUpperCase()}_PASSWORD`] = mysql[user].password;
  for (const name of DATABASE_NAMES) env[`MYSQL_${name.toUpperCase()}_SOCKET_PATH`] = mysql[name].socketPath;
  let settle: (outcome: CommandOutcome) => void;
  const outcome = new Promise<CommandOutcome>((resolve) => (settle = resolve));
  const child = execFile(process.execPath, ['dist/src/cli.js', ...commandLine], { env }, (error, stdout, stderr) =>
    // A killed one has no exit code.
    settle({ exitCode: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
  );
  child.stdin?.end(stdin);
  return { child, outcome };
}
