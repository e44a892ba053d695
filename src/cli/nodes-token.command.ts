import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { AdminModule, NodeTokensService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

@Command({
  name: 'nodes:token',
  arguments: '<id>',
  description: 'Gives a node a new token to register and to send heartbeats with; the one before holds no more.',
})
export class NodesTokenCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([nodeId = '']: string[]): Promise<void> {
    const token = await withServices(this.settings, [AdminModule], (services) =>
      services.get(NodeTokensService).renew(nodeId),
    );
    print(token);
  }
}
