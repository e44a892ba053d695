import { Injectable } from '@nestjs/common';
import { FLAMES_TASK_STATUSES, FlamesTasksService } from '../../flames/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

/** Evaluations by status. */
@Injectable()
export class EvaluationFacts implements FactSource {
  readonly name = 'evaluations';
  readonly told;
  private readonly tasks;

  constructor(
    registry: FactRegistry,
    private readonly flames: FlamesTasksService,
  ) {
    this.tasks = gauge(registry, 'cws_flames_tasks', 'Evaluations, by status.', ['status']);
    this.told = [this.tasks];
  }

  async read(): Promise<() => void> {
    const counts = await this.flames.countByStatus();
    return () => {
      for (const status of FLAMES_TASK_STATUSES) this.tasks.set({ status }, counts[status] ?? 0);
    };
  }
}
