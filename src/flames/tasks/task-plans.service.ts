import { Inject, Injectable } from '@nestjs/common';
import { InvalidInputError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { Dataset, StoredItem } from '../datasets/datasets.repository.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { ScorerConfig } from '../scoring/scorer.js';
import type { CreateTaskDto, RunDto } from './create-task.dto.js';
import type { FlamesTaskConfig } from './flames-task.js';

export interface RunPlan {
  concurrency: number;
  repeats: number;
  scorer: ScorerConfig;
}

/** What a request leaves open, filled in from the settings; nothing is asked of anybody here. */
@Injectable()
export class TaskPlansService {
  private readonly settings: Settings['flames'];

  constructor(
    private readonly datasets: DatasetsService,
    @Inject(SETTINGS) { flames }: Settings,
  ) {
    this.settings = flames;
  }

  planRun({ concurrency = this.settings.concurrency, repeats = 1, scorer }: RunDto): RunPlan {
    const { maxConcurrency } = this.settings;
    if (concurrency > maxConcurrency) {
      const message = `concurrency must not be above ${maxConcurrency} (flames.max_concurrency).`;
      throw new InvalidInputError([{ field: 'concurrency', message }]);
    }
    return { concurrency, repeats, scorer: scorer ? { ...scorer } : this.ownScorer() };
  }

  toConfig(wish: CreateTaskDto, dataset: Dataset): FlamesTaskConfig {
    const { budget } = this.settings;
    return {
      ...this.planRun(wish),
      apiSite: wish.api_site.trim(),
      model: wish.model_name,
      temperature: wish.temperature,
      maxTokens: wish.max_tokens,
      sample: wish.sample,
      budget: { calls: wish.budget?.calls ?? budget.calls, tokens: wish.budget?.tokens ?? budget.tokens },
      datasetHash: dataset.contentHash,
    };
  }

  /** Throws 404 for the first number that is nobody's. */
  getDatasets({ ids }: RunDto): Promise<Dataset[]> {
    return Promise.all(ids.map((number) => this.datasets.get(number)));
  }

  listItems({ number }: Dataset, { sample }: RunDto): Promise<StoredItem[]> {
    return this.datasets.listItems(number, { sample });
  }

  private ownScorer(): ScorerConfig {
    const { kind, address, model, repeats } = this.settings.scorer;
    return { kind, ...(address && { address }), ...(model && { model }), repeats };
  }
}
