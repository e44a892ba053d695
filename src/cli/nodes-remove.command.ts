import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { AdminModule, NodesService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

@Command({
  name: 'nodes:remove',
  arguments: '<id>',
  description: 'Takes a node out of the fleet; what it was running goes to other nodes.',
})
export class NodesRemoveCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([nodeId = '']: string[]): Promise<void> {
    await withServices(this.settings, [AdminModule], (services) => services.get(NodesService).remove(nodeId));
    print(`${nodeId} is removed.`);
  }
}
