import { Inject, Injectable } from '@nestjs/common';
import { CHAT_TARGETS, type ChatTargets } from '../targets/chat-target.js';
import { testTarget } from '../targets/test-target.js';
import type { TargetDto } from './create-task.dto.js';
import { estimateRun } from './estimate-run.js';
import type { EstimateDto, EstimateView, TargetTestView } from './estimate.dto.js';
import { FlamesItemsRepository } from './flames-items.repository.js';
import { TaskPlansService } from './task-plans.service.js';

/** What people want to know before they start a task: whether the model can be asked, and what that will about take. */
@Injectable()
export class PreflightService {
  constructor(
    private readonly plans: TaskPlansService,
    private readonly items: FlamesItemsRepository,
    @Inject(CHAT_TARGETS) private readonly targets: ChatTargets,
  ) {}

  /** Of all datasets together, one after the other. */
  async estimate(wish: EstimateDto): Promise<EstimateView> {
    const { concurrency, repeats, scorer } = this.plans.planRun(wish);
    const datasets = await this.plans.getDatasets(wish);
    const prompts = (await Promise.all(datasets.map((dataset) => this.plans.listItems(dataset, wish)))).flat();
    const characters = prompts.reduce((sum, { prompt }) => sum + prompt.length, 0);
    const experience = wish.model_name === undefined ? undefined : await this.items.findExperience(wish.model_name);
    const run = {
      items: prompts.length * repeats,
      promptCharacters: characters * repeats,
      concurrency,
      maxTokens: wish.max_tokens,
      judgeRepeats: scorer.kind === 'judge' ? (scorer.repeats ?? 1) : 0,
    };
    return estimateRun(run, experience);
  }

  async test({ model_name: model, api_site: apiSite, api_key: apiKey = '' }: TargetDto): Promise<TargetTestView> {
    const target = this.targets.open({ apiSite, apiKey });
    try {
      const test = await testTarget(target, model, new AbortController().signal);
      return test.isUsable
        ? { is_usable: true, latency_ms: test.latencyMs, answer: test.answer, error_class: null, problem: null }
        : { is_usable: false, latency_ms: null, answer: null, error_class: test.errorClass, problem: test.problem };
    } finally {
      await target.close();
    }
  }
}
