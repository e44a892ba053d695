import 'reflect-metadata';
import { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { CommandFactory, CommandRunnerService } from 'nest-commander';
import { CliModule, CommandFailedError } from './cli/index.js';
import { loadSettings, withSecrets, type Settings } from './config/index.js';

const LEFT_OPEN_MS = 3_000;

/** Runs one command, given without the program's own name; returns its exit code. Errors go to stderr, readable. */
export async function runCli(commandLine: string[], settings: Settings): Promise<number> {
  tolerateClosedOutput();
  let exitCode = 0;
  const app = await CommandFactory.createWithoutRunning(CliModule.with(settings), {
    cliName: 'cli',
    logger: false,
    abortOnError: false,
    serviceErrorHandler: (error) => {
      exitCode = explain(error, commandLine);
    },
  });
  try {
    const given = commandLine.length === 0 ? ['--help'] : commandLine;
    await app.get(CommandRunnerService).run(['node', 'cli', ...given]);
    return exitCode;
  } finally {
    await app.close();
  }
}

/** Commander has already written its own message; everything else is one line for the operator. */
function explain(error: Error, commandLine: string[]): number {
  // 1 of `flames:run` says that a model is under its bar, and nothing else.
  const failed = commandLine[0] === 'flames:run' ? 2 : 1;
  if (error instanceof CommanderError) return error.exitCode && failed;
  process.stderr.write(`${error.message}\n`);
  return (error instanceof CommandFailedError && error.exitCode) || failed;
}

/** `cli nodes:list | head` closes our output early: that is no error. */
function tolerateClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

async function main(): Promise<void> {
  try {
    process.exitCode = await runCli(argv.slice(2), withSecrets(loadSettings({ environment: env })));
  } catch (error) {
    process.exitCode = explain(error as Error, argv.slice(2));
  }
  // What failed while it opened may have left connections that nobody closes; they must not hold the terminal.
  if (process.exitCode !== 0) setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
