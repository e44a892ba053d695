import { Inject } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Command, CommandRunner, Option } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { JobsModule, JobsService, type JobOutcome } from '../jobs/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { print } from './output.js';
import { withInterrupt } from './with-interrupt.js';
import { withServices } from './with-services.js';

interface JobsRunOptions {
  option?: Record<string, string>;
}

@Command({
  name: 'jobs:run',
  arguments: '<name>',
  description:
    'Runs a scheduled job now, in this process, and waits for its end. Exit code 0, or 1 where it failed, is running already or does not exist.',
})
export class JobsRunCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run([name = '']: string[], { option = {} }: JobsRunOptions): Promise<void> {
    const outcome = await withInterrupt((signal) =>
      withServices(this.settings, [ScheduleModule.forRoot(), JobsModule], async (services) => {
        const { ended } = await services.get(JobsService).start(name, option, signal);
        return ended;
      }),
    );
    report(name, outcome);
  }

  @Option({ flags: '--option <key=value>', description: 'what the job is told, such as from=2026-11-01; once or more' })
  parseOption(text: string, before: Record<string, string> = {}): Record<string, string> {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandFailedError(`--option holds "${text}"; write it as key=value.`);
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  }
}

function report(name: string, { status, durationMs, result, error }: JobOutcome): void {
  if (status === 'failed') throw new CommandFailedError(`The job ${name} failed after ${durationMs} ms: ${error}`);
  print(`The job ${name} is done after ${durationMs} ms.`);
  for (const [key, value] of Object.entries(result ?? {}))
    print(`  ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
}
