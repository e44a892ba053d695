import { FlamesRunnerService } from '../../../src/flames/runner/flames-runner.service.js';
import type { RunContext } from '../../../src/flames/runner/run-context.js';
import { RulesScorer } from '../../../src/flames/scoring/rules-scorer.js';
import { LostClaimError, TaskClaimsRepository, type Claim } from '../../../src/flames/tasks/task-claims.repository.js';
import { FlamesStage } from '../../support/flames-stage.js';

const TTL_MS = 60_000;

describe('what scores a task (real: the database)', () => {
  let stage: FlamesStage;
  let claims: TaskClaimsRepository;
  let lost: Claim;
  let held: Claim;

  beforeEach(async () => {
    stage = await FlamesStage.start();
    const taskId = await stage.create([await stage.bring('scored', [1, 1, 1, 1, 1])]);
    claims = stage.services[0]!.get(TaskClaimsRepository, { strict: false });
    lost = (await claims.claim({ taskId, token: 0 }, 'first', TTL_MS))!;
    await stage.database.run('UPDATE task_flames SET lease_until = NULL WHERE task_id = ?', [taskId]);
    held = (await claims.claim(lost, 'second', TTL_MS))!;
  });

  afterEach(() => stage.stop());

  /** As the beginning of a run does. */
  const note = (claim: Claim, revision: string) => {
    const run = { claim, claims, scorer: new RulesScorer() } as unknown as RunContext;
    return stage.services[0]!.get(FlamesRunnerService)['noteScorer'](run, revision, { calls: 0, tokens: 0 });
  };
  const noted = () => stage.database.rows('SELECT task_id, scorer, revision FROM flames_results');

  it('I8 is not noted by a runner that has lost its claim, before or after the one that holds it', async () => {
    await expect(note(lost, 'old')).rejects.toThrow(LostClaimError);
    expect(await noted()).toEqual([]);
    await note(held, 'new');
    await expect(note(lost, 'old')).rejects.toThrow(LostClaimError);
    expect(await noted()).toEqual([{ task_id: held.taskId, scorer: 'rules', revision: 'new' }]);
  });

  it('stays what it was: another revision fails the task, naming both', async () => {
    await note(held, '1');
    await note(held, '1');
    await expect(note(held, '2')).rejects.toMatchObject({
      code: 'SCORER_CHANGED',
      message: expect.stringMatching(/rules 1 .* rules 2 /),
    });
    expect(await noted()).toEqual([{ task_id: held.taskId, scorer: 'rules', revision: '1' }]);
  });
});
