import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
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

  async run(): Promise<void> {
    const { published, kept } = await withServices(this.settings, [AdminModule], (services) =>
      services.get(WorkflowsService).importFromSettings(this.settings.taskTypes, { publishChanged: true }),
    );
    for (const { name, version } of published) print(`${name}: published as version ${version}.`);
    for (const name of kept) print(`${name}: unchanged.`);
    if (published.length > 0) print('A running service takes new versions over within seconds.');
  }
}
