import { TargetError, type ChatAnswer, type ChatRequest, type ChatTarget } from '../targets/chat-target.js';
import type { BudgetLimits } from '../tasks/flames-task.js';
import type { Used } from '../tasks/task-claims.repository.js';

/** What a task has used and may use. Calls never go beyond; tokens by the answers that are under way at the end. */
export class Budget {
  constructor(
    private readonly limits: BudgetLimits,
    private readonly spent: Used,
  ) {}

  get used(): Used {
    return { ...this.spent };
  }

  /** Counts a call, before it is made; throws where nothing is left. */
  takeCall(): void {
    const { calls, tokens } = this.limits;
    const isUsedUp = (calls > 0 && this.spent.calls >= calls) || (tokens > 0 && this.spent.tokens >= tokens);
    if (isUsedUp) {
      const used = `${this.spent.calls} calls and ${this.spent.tokens} tokens are used`;
      throw new TargetError('budget', `The budget of the task is used up: ${used}.`, { isFatal: true });
    }
    this.spent.calls += 1;
  }

  addTokens({ promptTokens, completionTokens }: Pick<ChatAnswer, 'promptTokens' | 'completionTokens'>): void {
    this.spent.tokens += (promptTokens ?? 0) + (completionTokens ?? 0);
  }
}

/** A model whose every attempt, retries among them, is paid from a budget. */
export class BudgetedTarget implements ChatTarget {
  constructor(
    private readonly target: ChatTarget,
    private readonly budget: Budget,
  ) {}

  async ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    this.budget.takeCall();
    const answer = await this.target.ask(request, signal);
    this.budget.addTokens(answer);
    return answer;
  }

  close(): Promise<void> {
    return this.target.close();
  }
}
