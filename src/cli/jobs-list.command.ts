import { Inject } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Command, CommandRunner } from 'nest-commander';
import { SETTINGS, type Settings } from '../config/index.js';
import { JobsModule, JobsService } from '../jobs/index.js';
import { printTable } from './output.js';
import { withServices } from './with-services.js';

@Command({
  name: 'jobs:list',
  description: 'Lists the scheduled jobs, when they are due, and how their last run went.',
})
export class JobsListCommand extends CommandRunner {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    super();
  }

  async run(): Promise<void> {
    const modules = [ScheduleModule.forRoot(), JobsModule];
    const jobs = await withServices(this.settings, modules, (services) => services.get(JobsService).list());
    printTable(
      ['job', 'schedule', 'next', 'last run', 'status', 'ms', 'what it does'],
      jobs.map(({ job, schedule, nextDueAt, latest }) => [
        job.name,
        schedule.inWords,
        nextDueAt.toISOString(),
        latest?.startedAt.toISOString() ?? 'never',
        latest?.status ?? '-',
        latest?.durationMs ?? '-',
        latest?.error ? `${job.description} Error: ${latest.error}` : job.description,
      ]),
    );
  }
}
