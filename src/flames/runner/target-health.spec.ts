import { TargetError } from '../targets/chat-target.js';
import { GIVEN_UP_ON_END, TargetHealth } from './target-health.js';

const away = new TargetError('timeout', 'No answer came in time.');

describe('TargetHealth', () => {
  const giveUp = (health: TargetHealth, times: number) => {
    for (let time = 0; time < times; time += 1) health.gaveUp(away);
  };

  it('calls a model unreachable after ten prompts on end, and says why', () => {
    const health = new TargetHealth();
    giveUp(health, GIVEN_UP_ON_END - 1);
    expect(() => health.gaveUp(away)).toThrow('10 prompts on end, each asked several times. No answer came in time.');
  });

  it('begins anew with each answer, and with each refusal of a prompt', () => {
    const health = new TargetHealth();
    giveUp(health, GIVEN_UP_ON_END - 1);
    health.heard();
    giveUp(health, GIVEN_UP_ON_END - 1);
    health.gaveUp(new TargetError('content_filter', 'refused'));
    expect(() => giveUp(health, GIVEN_UP_ON_END - 1)).not.toThrow();
  });
});
