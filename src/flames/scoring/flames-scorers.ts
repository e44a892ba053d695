import { Inject, Injectable } from '@nestjs/common';
import { InvalidInputError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { LimiterRegistry } from '../targets/limiter-registry.js';
import { OpenAiTargets } from '../targets/openai-targets.js';
import { checkTargetAddress } from '../targets/target-address.js';
import { checkScorer } from './check-scorer.js';
import { ClassifyScorer } from './classify-scorer.js';
import { HttpScorer } from './http-scorer.js';
import { JudgeScorer } from './judge-scorer.js';
import { RulesScorer } from './rules-scorer.js';
import { ScorerClient } from './scorer-client.js';
import type { Scorer, ScorerConfig, Scorers } from './scorer.js';

const FIELD = 'scorer.address';

/** Opens the scorer that a task names, or the one of the settings. */
@Injectable()
export class FlamesScorers implements Scorers {
  private readonly settings: Settings['flames'];

  constructor(
    private readonly targets: OpenAiTargets,
    private readonly limiters: LimiterRegistry,
    @Inject(SETTINGS) { flames }: Settings,
  ) {
    this.settings = flames;
  }

  open(config: ScorerConfig, apiKey?: string): Scorer {
    switch (config.kind) {
      case 'rules':
        return new RulesScorer();
      case 'flames':
        return new HttpScorer(this.connect(config, /\/score$/, apiKey));
      case 'classify':
        return new ClassifyScorer(this.connect(config, /\/classify$/, apiKey), modelOf(config));
      case 'judge':
        return this.openJudge(config, apiKey);
    }
  }

  check(scorer: Scorer, signal = new AbortController().signal): Promise<void> {
    return checkScorer(scorer, signal);
  }

  private openJudge(config: ScorerConfig, apiKey?: string): Scorer {
    const model = modelOf(config);
    const apiSite = config.address ?? '';
    const allowPrivate = this.mayBePrivate(config);
    checkTargetAddress(apiSite, { allowPrivate, field: FIELD });
    const target = { apiSite, apiKey: this.keyFor(config, apiKey) };
    const limiter = this.limiters.of(apiSite, target.apiKey, this.settings.concurrency);
    return new JudgeScorer({
      target: this.targets.open(target, { allowPrivate }),
      limiter,
      model,
      repeats: config.repeats ?? 1,
    });
  }

  private connect(config: ScorerConfig, ending: RegExp, apiKey?: string): ScorerClient {
    const allowPrivate = this.mayBePrivate(config);
    const url = checkTargetAddress(config.address ?? '', { allowPrivate, field: FIELD });
    const path = url.pathname.replace(/\/+$/, '').replace(ending, '');
    return new ScorerClient({
      baseUrl: `${url.origin}${path}`,
      apiKey: this.keyFor(config, apiKey),
      allowPrivate,
      timeoutMs: this.settings.requestTimeoutMs,
    });
  }

  /** The scorer of the settings is the operator's own, most often beside this service; others come from requests. */
  private isOwn({ address }: ScorerConfig): boolean {
    return Boolean(address) && address === this.settings.scorer.address;
  }

  private mayBePrivate(config: ScorerConfig): boolean {
    return this.settings.allowPrivateTargets || this.isOwn(config);
  }

  /** The operator's key goes to the operator's scorer alone. */
  private keyFor(config: ScorerConfig, apiKey: string | undefined): string {
    return apiKey || (this.isOwn(config) ? this.settings.scorer.apiKey : '');
  }
}

function modelOf({ kind, model }: ScorerConfig): string {
  if (model) return model;
  throw new InvalidInputError([{ field: 'scorer.model', message: `A scorer of the kind ${kind} needs scorer.model.` }]);
}
