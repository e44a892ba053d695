export { JobRunner, type JobOutcome } from './job-runner.js';
export { JobsModule } from './jobs.module.js';
export { JobsService, type JobState } from './jobs.service.js';
