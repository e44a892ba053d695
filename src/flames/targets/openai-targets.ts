import { Inject, Injectable } from '@nestjs/common';
import { Clock, InvalidInputError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { ChatTarget, ChatTargetAddress, ChatTargets } from './chat-target.js';
import { OpenAiTarget } from './openai-target.js';
import { readApiSite } from './target-address.js';

/** Opens the APIs that tasks name, behind the address guard. */
@Injectable()
export class OpenAiTargets implements ChatTargets {
  constructor(
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** `allowPrivate` for addresses that the operator wrote into the settings. */
  open(
    { apiSite, apiKey }: ChatTargetAddress,
    { allowPrivate = this.settings.flames.allowPrivateTargets } = {},
  ): ChatTarget {
    const timeoutMs = this.settings.flames.requestTimeoutMs;
    const address = readApiSite(apiSite, allowPrivate);
    return new OpenAiTarget({ address, apiKey: readApiKey(apiKey), allowPrivate, timeoutMs, clock: this.clock });
  }
}

/** Keys are pasted, often with a line's end; what else cannot stand in a header would fail at each request anew. */
function readApiKey(text: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]*$/.test(key)) return key;
  throw new InvalidInputError([
    { field: 'api_key', message: 'api_key holds characters that no key has; paste it again.' },
  ]);
}
