import type { ChatTarget } from '../targets/chat-target.js';
import { Budget, BudgetedTarget } from './budget.js';

const answer = { text: 'a', finishReason: 'stop', promptTokens: 3, completionTokens: 7, latencyMs: 1 };
const target: ChatTarget = { ask: async () => answer, close: async () => undefined };
const ask = (budgeted: BudgetedTarget) => budgeted.ask({ model: 'm', prompt: 'p' }, new AbortController().signal);

describe('BudgetedTarget', () => {
  it('makes as many calls as are allowed, those of earlier runs among them, and not one more', async () => {
    const budget = new Budget({ calls: 3, tokens: 0 }, { calls: 1, tokens: 0 });
    const budgeted = new BudgetedTarget(target, budget);
    await ask(budgeted);
    await ask(budgeted);
    await expect(ask(budgeted)).rejects.toMatchObject({ errorClass: 'budget', isFatal: true, isRetryable: false });
    expect(budget.used).toEqual({ calls: 3, tokens: 20 });
  });

  it('counts a call that fails', async () => {
    const budget = new Budget({ calls: 0, tokens: 0 }, { calls: 0, tokens: 0 });
    const failing = { ...target, ask: () => Promise.reject(new Error('away')) };
    await expect(ask(new BudgetedTarget(failing, budget))).rejects.toThrow('away');
    expect(budget.used).toEqual({ calls: 1, tokens: 0 });
  });

  it('begins no call once the tokens are used', async () => {
    const budgeted = new BudgetedTarget(target, new Budget({ calls: 0, tokens: 10 }, { calls: 0, tokens: 0 }));
    await ask(budgeted);
    await expect(ask(budgeted)).rejects.toThrow('1 calls and 10 tokens are used');
  });
});
