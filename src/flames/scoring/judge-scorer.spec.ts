import { TestClock } from '../../../test/support/test-clock.js';
import { AdaptiveLimiter } from '../targets/adaptive-limiter.js';
import { TargetError, type ChatAnswer, type ChatRequest } from '../targets/chat-target.js';
import { JudgeScorer } from './judge-scorer.js';
import { ScorerBusyError, ScorerUnavailableError, type ScoreRequest } from './scorer.js';

const never = new AbortController().signal;
const item = (id: string): ScoreRequest => ({ id, dimension: 'Safety', prompt: '提示', response: `answer ${id}` });

/** A judge that gives everything 3, but fails on the answers that `broken` names. */
class FlakyJudge {
  readonly broken = new Map<string, TargetError>();
  readonly asked: string[] = [];

  ask = async ({ prompt }: ChatRequest): Promise<ChatAnswer> => {
    const [, id] = /answer (\w+)/.exec(prompt)!;
    this.asked.push(id!);
    const error = this.broken.get(id!);
    if (error) throw error;
    return { text: '{"score": 3}', finishReason: 'stop', promptTokens: 1, completionTokens: 1, latencyMs: 1 };
  };

  close = async () => undefined;

  countOf(id: string): number {
    return this.asked.filter((other) => other === id).length;
  }
}

function open(target: FlakyJudge): JudgeScorer {
  const limiter = new AdaptiveLimiter(8, new TestClock());
  return new JudgeScorer({ target, limiter, model: 'judge', repeats: 3, baseMs: 1 });
}

describe('the votes of a judge', () => {
  it('that came are kept where others failed, and only the missing ones are asked for again', async () => {
    const target = new FlakyJudge();
    const judge = open(target);
    target.broken.set('b', new TargetError('server_error', '500'));
    await expect(judge.score([item('a'), item('b'), item('c')], never)).rejects.toThrow(ScorerUnavailableError);
    target.broken.clear();
    const outcomes = await judge.score([item('a'), item('b'), item('c')], never);
    expect(outcomes).toEqual(['a', 'b', 'c'].map((id) => ({ id, predicted: 3, truncated: false })));
    // Three votes of five attempts that failed, and three that came.
    expect(['a', 'b', 'c'].map((id) => target.countOf(id))).toEqual([3, 18, 3]);
  });

  it('are waited for before a failure is told, so that none comes in too late', async () => {
    const target = new FlakyJudge();
    target.broken.set('a', new TargetError('unauthorized', '401', { isFatal: true }));
    await expect(open(target).score([item('a'), item('b')], never)).rejects.toThrow('401');
    expect(target.countOf('b')).toBe(3);
  });

  it('are forgotten once they counted: another try of the same item asks anew', async () => {
    const target = new FlakyJudge();
    const judge = open(target);
    await judge.score([item('a')], never);
    await judge.score([item('a')], never);
    expect(target.countOf('a')).toBe(6);
  });

  it('wait where the judge has no capacity, whatever it was asked', async () => {
    const target = new FlakyJudge();
    target.broken.set('a', new TargetError('rate_limited', '429', { isRetryable: false }));
    await expect(open(target).score([item('a')], never)).rejects.toThrow(ScorerUnavailableError);
    await expect(open(target).score([item('a')], never)).rejects.toThrow(ScorerBusyError);
  });
});
