import { loadSettings, type Settings } from '../src/config/index.js';
import { openDatabase } from './database.js';
import { explain } from './launch-error.js';

/** These work without a database, so none is started for them. */
const WITHOUT_DATABASE = ['nodes:check', 'db:create-migration', 'db:list-migrations', 'help'];

/** `npm run cli -- <command>`: on the running private server, or on one that lives as long as the command. */
export async function main(argv: string[]): Promise<void> {
  try {
    const settings = loadSettings({ environment: process.env });
    if (needsDatabase(argv)) await withDatabase(settings, argv);
    else await run(argv, settings);
  } catch (error) {
    console.error(explain(error));
    // A pipeline must not take a service that did not start for a model under its bar.
    process.exitCode = argv[0] === 'flames:run' ? 2 : 1;
  }
}

function needsDatabase(argv: string[]): boolean {
  const asksForHelp = argv.length === 0 || argv.includes('--help') || argv.includes('-h');
  return !asksForHelp && !WITHOUT_DATABASE.includes(argv[0]!);
}

async function withDatabase(settings: Settings, argv: string[]): Promise<void> {
  const database = await openDatabase(settings, (line) => console.error(line));
  try {
    if (database.adminDsn) process.env.DB_ADMIN_DSN = database.adminDsn;
    await run(argv, database.settings);
  } finally {
    await database.close();
  }
}

async function run(argv: string[], settings: Settings): Promise<void> {
  const { runCli } = await import('../src/cli.js');
  const exitCode = await runCli(argv, settings);
  process.exitCode = exitCode;
}
