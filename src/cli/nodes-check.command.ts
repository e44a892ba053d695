import { Inject } from '@nestjs/common';
import { Command, CommandRunner } from 'nest-commander';
import { readShippedGraph } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { checkNode } from '../dispatch/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';

@Command({
  name: 'nodes:check',
  arguments: '<url>',
  description: 'Looks a ComfyUI node over and renders test_pattern on it; exit code 1 where something is wrong.',
})
export class NodesCheckCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([url = '']: string[]): Promise<void> {
    if (!URL.canParse(url)) throw new CommandFailedError(`"${url}" is no address; write it as http://10.0.0.5:8188.`);
    let problems = 0;
    const graph = await readShippedGraph('test_pattern');
    for await (const { subject, finding, isProblem } of checkNode(
      url,
      { graph, width: 512, height: 512 },
      this.settings,
    )) {
      print(`${isProblem ? 'PROBLEM' : 'ok     '}  ${subject.padEnd(12)}  ${finding}`);
      problems += isProblem ? 1 : 0;
    }
    if (problems > 0) throw new CommandFailedError(`${url} cannot be used as it is.`);
    print(`${url} works. Register it: npm run cli -- nodes:add ${url}`);
  }
}
