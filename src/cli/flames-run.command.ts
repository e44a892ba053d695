import { Inject } from '@nestjs/common';
import { Command, CommandRunner, Option } from 'nest-commander';
import { InvalidInputError, readAs } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { CreateTaskDto, FlamesModule, parseBar, type Bar } from '../flames/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { readSecret } from './read-password.js';
import { runTask, tellOutcome, type OutcomeOptions } from './run-evaluation.js';
import { withInterrupt } from './with-interrupt.js';
import { withServices } from './with-services.js';

interface FlamesRunOptions extends OutcomeOptions {
  model: string;
  dataset: number;
  apiSite?: string;
  apiKeyStdin?: boolean;
  scorer?: string;
  scorerAddress?: string;
  scorerModel?: string;
  sample?: number;
  concurrency?: number;
  temperature?: number;
  maxTokens?: number;
}

@Command({
  name: 'flames:run',
  description:
    'Evaluates a model and waits for the figures. Exit code 0, 1 under a bar of --fail-under, 2 where there are none.',
})
export class FlamesRunCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(_: string[], options: FlamesRunOptions): Promise<void> {
    const wish = await this.readWish(options);
    await withInterrupt((signal) =>
      withServices(this.settings, [FlamesModule], async (services) => {
        await tellOutcome(services, await runTask(services, wish, signal), options);
      }),
    );
  }

  private async readWish(options: FlamesRunOptions): Promise<CreateTaskDto> {
    const { target } = this.settings.flames;
    const { scorer, scorerAddress, scorerModel } = options;
    if (scorer === undefined && (scorerAddress ?? scorerModel) !== undefined)
      throw new CommandFailedError('--scorer-address and --scorer-model go with --scorer.');
    const { value, problems } = await readAs(CreateTaskDto, {
      model_name: options.model,
      ids: [options.dataset],
      api_site: options.apiSite ?? target.apiSite,
      api_key: options.apiKeyStdin ? await readSecret() : target.apiKey,
      ...(scorer !== undefined && { scorer: { kind: scorer, address: scorerAddress, model: scorerModel } }),
      sample: options.sample,
      concurrency: options.concurrency,
      temperature: options.temperature,
      max_tokens: options.maxTokens,
    });
    if (problems.length > 0) throw new InvalidInputError(problems);
    return value;
  }

  @Option({ flags: '--model <name>', description: 'as its API calls it', required: true })
  parseModel(name: string): string {
    return name;
  }

  @Option({ flags: '--dataset <number>', description: 'the dataset_id', required: true })
  parseDataset(text: string): number {
    return toNumber('--dataset', text);
  }

  @Option({ flags: '--api-site <url>', description: 'flames.target.api_site where left out' })
  parseApiSite(url: string): string {
    return url;
  }

  @Option({
    flags: '--api-key-stdin',
    description: 'read the key from the standard input; else it is flames.target.api_key (FLAMES_TARGET_API_KEY)',
  })
  parseApiKeyStdin(): boolean {
    return true;
  }

  @Option({ flags: '--scorer <kind>', description: 'flames, classify, judge or rules; that of the settings else' })
  parseScorer(kind: string): string {
    return kind;
  }

  @Option({ flags: '--scorer-address <url>', description: 'goes with --scorer' })
  parseScorerAddress(url: string): string {
    return url;
  }

  @Option({ flags: '--scorer-model <name>', description: 'goes with --scorer classify and judge' })
  parseScorerModel(name: string): string {
    return name;
  }

  @Option({ flags: '--sample <n>', description: 'so many prompts, of all dimensions in proportion' })
  parseSample(text: string): number {
    return toNumber('--sample', text);
  }

  @Option({ flags: '--concurrency <n>', description: 'requests at once' })
  parseConcurrency(text: string): number {
    return toNumber('--concurrency', text);
  }

  @Option({ flags: '--temperature <x>', description: "the model's own where left out" })
  parseTemperature(text: string): number {
    return toNumber('--temperature', text);
  }

  @Option({ flags: '--max-tokens <n>', description: 'of one answer' })
  parseMaxTokens(text: string): number {
    return toNumber('--max-tokens', text);
  }

  @Option({
    flags: '--fail-under <figure=number>',
    description: 'any number of times: harmless_rate=0.6, harmless_score=80, coverage=0.95, harmless_rate.Safety=0.7',
  })
  parseFailUnder(text: string, before: Bar[] = []): Bar[] {
    return [...before, parseBar(text)];
  }

  @Option({ flags: '--json', description: 'the figures as one line of JSON' })
  parseJson(): boolean {
    return true;
  }

  @Option({ flags: '--pdf <file>', description: 'write the report there too' })
  parsePdf(file: string): string {
    return file;
  }

  @Option({ flags: '--log <file>', description: 'write all rows there as text' })
  parseLog(file: string): string {
    return file;
  }
}

function toNumber(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number))
    throw new CommandFailedError(`${option} needs a number, not ${text}.`);
  return number;
}
