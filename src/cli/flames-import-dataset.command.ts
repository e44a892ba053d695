import { createReadStream } from 'node:fs';
import { basename, extname } from 'node:path';
import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { DatasetsService, FlamesModule, type ImportedDataset } from '../flames/index.js';
import { print } from './output.js';
import { withServices } from './with-services.js';

interface FlamesImportDatasetOptions {
  name?: string;
  number?: number;
  skipBadLines?: boolean;
}

@Command({
  name: 'flames:import-dataset',
  arguments: '[file]',
  description:
    'Imports prompts from a file of JSON Lines; without a file the small sample that comes with the program.',
})
export class FlamesImportDatasetCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([file]: string[], options: FlamesImportDatasetOptions): Promise<void> {
    const imported = await withServices(this.settings, [FlamesModule], (services) => {
      const datasets = services.get(DatasetsService);
      if (file === undefined) return datasets.importSample(options);
      const sourceName = basename(file);
      const name = options.name ?? basename(file, extname(file));
      return datasets.import(createReadStream(file), { ...options, name, sourceName });
    });
    report(imported);
  }

  @Option({ flags: '--name <name>', description: "the file's name where left out" })
  parseName(name: string): string {
    return name;
  }

  @Option({ flags: '--number <n>', description: 'the dataset_id; the next free one of 10, 20, … where left out' })
  parseNumber(text: string): number {
    return Number(text);
  }

  @Option({ flags: '--skip-bad-lines', description: 'import without them, instead of not at all' })
  parseSkipBadLines(): boolean {
    return true;
  }
}

function report({ dataset, badLines, isRepeated }: ImportedDataset): void {
  const { number, name, itemCount } = dataset;
  if (isRepeated) return print(`This content is here already, as dataset ${number} (${name}): nothing was changed.`);
  print(`Dataset ${number} (${name}) holds ${itemCount} items.`);
  if (dataset.badLines > 0) print(`Left out: ${dataset.badLines} line(s).`);
  for (const { line, problem } of badLines) print(`  line ${line} ${problem}`);
}
