import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AdminModule, NodesService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

interface NodesAddOptions {
  id?: string;
  name?: string;
  maxConcurrent?: number;
}

@Command({
  name: 'nodes:add',
  arguments: '<url>',
  description: 'Registers a ComfyUI node by its base address, such as http://10.0.0.5:8188.',
})
export class NodesAddCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([url = '']: string[], { id, name, maxConcurrent }: NodesAddOptions): Promise<void> {
    const node = await withServices(this.settings, [AdminModule], (services) =>
      services.get(NodesService).add({ url, nodeId: id, name, maxConcurrent }),
    );
    print(`${node.nodeId} (${node.url}) is registered; a running service finds it within seconds.`);
  }

  @Option({ flags: '--id <id>', description: 'made from the address where left out' })
  parseId(id: string): string {
    return id;
  }

  @Option({ flags: '--name <name>', description: 'what lists show; the id where left out' })
  parseName(name: string): string {
    return name;
  }

  @Option({ flags: '--max-concurrent <n>', description: 'what load percentages refer to; 4 where left out' })
  parseMaxConcurrent(text: string): number {
    return Number(text);
  }
}
