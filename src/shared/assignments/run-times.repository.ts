import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';

/** How far back one look goes, in attempts of all workflows: the cost of a look does not grow with the history. */
const LATEST_ATTEMPTS = 5_000;

/** How long prompts took on their nodes, from their start to the moment their end was noticed. */
@Injectable()
export class RunTimesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Seconds of the latest successful runs, by workflow, the newest first and at most `perWorkflow` of each. */
  async listLatest(perWorkflow: number): Promise<Map<string, number[]>> {
    const rows = await this.database.rows<{ workflow_name: string; seconds: string }>(
      `SELECT t.workflow_name, TIMESTAMPDIFF(MICROSECOND, a.started_at, a.ended_on_node_at) / 1000000 AS seconds
       FROM (SELECT id, task_id, status, started_at, ended_on_node_at FROM node_task_assignments
             ORDER BY id DESC LIMIT ?) a
       JOIN global_tasks t ON t.id = a.task_id
       WHERE a.status = 'completed' AND a.started_at IS NOT NULL AND a.ended_on_node_at >= a.started_at
       ORDER BY a.id DESC`,
      [LATEST_ATTEMPTS],
    );
    const byWorkflow = new Map<string, number[]>();
    for (const { workflow_name: name, seconds } of rows) {
      const times = byWorkflow.get(name) ?? [];
      if (times.length < perWorkflow) times.push(Number(seconds));
      byWorkflow.set(name, times);
    }
    return byWorkflow;
  }
}
