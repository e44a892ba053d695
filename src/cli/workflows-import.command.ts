import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AdminModule, WorkflowsService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

@Command({
  name: 'workflows:import',
  description: 'Reads the workflows of task_types (the shipped ones where it names none) and publishes what changed.',
})
export class WorkflowsImportCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_given: string[], { overwriteEdited = false }: { overwriteEdited?: boolean }): Promise<void> {
    const options = { publishChanged: true, overwriteEdited };
    const { published, kept, edited } = await withServices(this.settings, [AdminModule], (services) =>
      services.get(WorkflowsService).importFromSettings(this.settings.taskTypes, options),
    );
    for (const { name, version } of published) print(`${name}: published as version ${version}.`);
    for (const name of kept) print(`${name}: unchanged.`);
    for (const name of edited) print(`${name}: left alone, an admin changed it; --overwrite-edited takes the file.`);
    if (published.length > 0) print('A running service takes new versions over within seconds.');
  }

  @Option({ flags: '--overwrite-edited', description: 'Put the files in the place of what admins made of templates.' })
  parseOverwriteEdited(): boolean {
    return true;
  }
}
