import { Body, Controller, Get, HttpStatus, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AdminGuard, Needs } from '../admin/index.js';
import { ListRunsQuery, readOptions, RunJobDto } from './jobs.dto.js';
import { JobsService } from './jobs.service.js';
import { JobListView, JobRunListView, RunJobView, toJobView, toRunJobView, toRunListView } from './jobs.view.js';

/** Work by the clock: what there is, how it went, and runs by hand. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin/jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Needs('jobs.read')
  @ApiOperation({ summary: 'All scheduled jobs, when they are due, and how the last run of each went' })
  @ApiOkResponse({ type: JobListView })
  async list(): Promise<JobListView> {
    const jobs = await this.jobs.list();
    return { jobs: jobs.map(toJobView), total: jobs.length };
  }

  @Get(':name/runs')
  @Needs('jobs.read')
  @ApiOperation({ summary: 'The runs of a job, the latest first' })
  @ApiOkResponse({ type: JobRunListView })
  @ApiNotFoundResponse({ description: 'There is no such job.' })
  async listRuns(@Param('name') name: string, @Query() query: ListRunsQuery): Promise<JobRunListView> {
    return toRunListView(await this.jobs.listRuns(name, query), query);
  }

  @Post(':name/run')
  @Needs('jobs.run')
  @ApiOperation({
    summary: 'Run a job now, whatever its schedule says',
    description: 'Answers with the outcome where the run ends within two seconds; it goes on after a 202.',
  })
  @ApiOkResponse({ type: RunJobView, description: 'It ended, well or badly: look at `status`.' })
  @ApiAcceptedResponse({ type: RunJobView, description: 'It is still running.' })
  @ApiNotFoundResponse({ description: 'There is no such job.' })
  @ApiConflictResponse({ description: 'It is running, here or in another process.' })
  async run(
    @Param('name') name: string,
    @Body() { options }: RunJobDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunJobView> {
    const { runKey, outcome } = await this.jobs.startAndWait(name, readOptions(options ?? {}));
    reply.status(outcome ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return toRunJobView(name, runKey, outcome);
  }
}
