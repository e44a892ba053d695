import { stat } from 'node:fs/promises';
import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { FlamesModule, MigrateFilesService, type MigratedTask } from '../flames/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

const BAD_LINES_SHOWN = 20;

@Command({
  name: 'flames:migrate-files',
  arguments: '<dir>',
  description: "Brings an old installation's Flames_<id>_predicted.jsonl and _score.jsonl into the database.",
})
export class FlamesMigrateFilesCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([folder]: string[], { dryRun = false }: { dryRun?: boolean }): Promise<void> {
    if (!(await isFolder(folder!))) throw new CommandFailedError(`${folder} is not a folder.`);
    const total = { tasks: 0, added: 0, badLines: 0 };
    await withServices(this.settings, [FlamesModule], async (services) => {
      for await (const task of services.get(MigrateFilesService).migrate(folder!, { isDryRun: dryRun })) {
        report(task);
        total.tasks += 1;
        total.added += task.added;
        total.badLines += task.badLines.length;
      }
    });
    const verb = dryRun ? 'would be added' : 'added';
    print(`${total.tasks} task(s): ${total.added} row(s) ${verb}, ${total.badLines} bad line(s).`);
  }

  @Option({ flags: '--dry-run', description: 'count and report, change nothing' })
  parseDryRun(): boolean {
    return true;
  }
}

function report({ taskId, skipped, rows, added, apiErrors, badLines }: MigratedTask): void {
  if (skipped !== undefined) return print(`${taskId}: left alone, ${skipped}.`);
  print(`${taskId}: ${rows} row(s), ${added} new, ${apiErrors} failed request(s), ${badLines.length} bad line(s).`);
  for (const { line, problem } of badLines.slice(0, BAD_LINES_SHOWN)) print(`  line ${line} ${problem}`);
  if (badLines.length > BAD_LINES_SHOWN) print(`  and ${badLines.length - BAD_LINES_SHOWN} more`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
