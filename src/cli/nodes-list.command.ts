import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { AdminModule, NodesService } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { print, printTable } from './output.js';
import { withServices } from './with-services.js';

@Command({ name: 'nodes:list', description: 'Lists the registered ComfyUI nodes and what was last seen of them.' })
export class NodesListCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(): Promise<void> {
    const nodes = await withServices(this.settings, [AdminModule], (services) => services.get(NodesService).list());
    if (nodes.length === 0) return print('No node is registered; add one by nodes:add <url>.');
    printTable(
      ['id', 'address', 'status', 'version', 'last seen', 'last error'],
      nodes.map((node) => [
        node.nodeId,
        node.url,
        node.isCordoned ? 'maintenance' : node.status,
        node.version ?? '-',
        node.lastHeartbeat?.toISOString() ?? 'never',
        node.lastError ?? '-',
      ]),
    );
  }
}
