import { Injectable } from '@nestjs/common';
import { ModelsSyncService } from '../admin/index.js';
import type { Job, JobResult } from './job.js';

/** Records the models that nodes have and workflows name, with how many tasks name them. */
@Injectable()
export class ModelsSyncJob implements Job {
  readonly name = 'models-sync';
  readonly description = 'Records the models that nodes have and workflows name.';
  /** Besides on the hour's seventh minute, it is run by hand after models were copied to nodes. */
  readonly schedule = '0 7 * * * *';

  constructor(private readonly models: ModelsSyncService) {}

  async run(): Promise<JobResult> {
    return { ...(await this.models.sync()) };
  }
}
