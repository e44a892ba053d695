import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

export interface ModelUse {
  /** As the tasks spell it. */
  modelName: string;
  tasks: number;
}

/** How many tasks name each model: a look at all of them, for jobs alone. */
@Injectable()
export class ModelUsesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async count(): Promise<ModelUse[]> {
    const rows = await this.database.rows<{ modelName: string; tasks: string }>(
      `SELECT model_name AS modelName, COUNT(*) AS tasks FROM global_tasks
       WHERE model_name IS NOT NULL GROUP BY model_name`,
    );
    return rows.map(({ modelName, tasks }) => ({ modelName, tasks: Number(tasks) }));
  }
}
