import fc from 'fast-check';
import type { INestApplicationContext } from '@nestjs/common';
import { ClientWorkflowsService } from '../../../src/client/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { deliverTheRest } from '../../support/converge/finish.js';
import {
  anyHistory,
  anyPoison,
  anyRounds,
  type History,
  type Poison,
  type Step,
} from '../../support/converge/history.js';
import { Observer, readTwins, type Twin } from '../../support/converge/observer.js';
import { relayAll, spoil } from '../../support/converge/relays.js';
import { TwoSides } from '../../support/converge/two-sides.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const HISTORIES = Number(process.env.PROVE_ROUNDS ?? 60);
const POISONED = Math.ceil(HISTORIES / 5);
const TIMEOUT_MS = 120_000 + HISTORIES * 2_000;

describe('the two databases under any history (real: MariaDB, all services, the merges of the relay)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let sides: TwoSides;
  const totals = { histories: 0, poisoned: 0, parked: 0, terminalStatesLeft: 0, rowsThatDiffer: 0 };

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    await app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    sides = await TwoSides.open(app);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
    if (process.env.PROVE_ROUNDS) process.stderr.write(`${JSON.stringify({ ...totals, ...sides.counts }, null, 2)}\n`);
  });

  /** Tasks of which the two sides do not say the same. */
  async function findDiffering(but?: string): Promise<[Twin | undefined, Twin | undefined][]> {
    const ours = await readTwins(sides.client, 'client');
    const theirs = new Map((await readTwins(sides.shared, 'shared')).map((twin) => [twin.taskId, twin]));
    return ours
      .filter((twin) => twin.taskId !== but && JSON.stringify(twin) !== JSON.stringify(theirs.get(twin.taskId)))
      .map((twin) => [twin, theirs.get(twin.taskId)]);
  }

  async function findWrongResults(): Promise<Twin[]> {
    const twins = [...(await readTwins(sides.client, 'client')), ...(await readTwins(sides.shared, 'shared'))];
    return twins.filter(({ status, runNo, files }) => {
      if (status !== 'completed') return false;
      // Each stands as `run:run-attempt-index.png`: both must name the current run.
      return !files || files.split(',').some((file) => !file.startsWith(`${runNo}:${runNo}-`));
    });
  }

  function expectNothingForbidden(observer: Observer): void {
    totals.terminalStatesLeft += observer.terminalStatesLeft.length;
    expect({ terminalStatesLeft: observer.terminalStatesLeft }).toEqual({ terminalStatesLeft: [] });
    expect({ versionsLost: observer.versionsLost }).toEqual({ versionsLost: [] });
    expect({ broughtBack: observer.broughtBack }).toEqual({ broughtBack: [] });
    expect({ wrongQuota: observer.wrongQuota }).toEqual({ wrongQuota: [] });
  }

  async function expectConverged(but?: string): Promise<void> {
    const differing = await findDiffering(but);
    totals.rowsThatDiffer += differing.length;
    expect(differing).toEqual([]);
    expect(await findWrongResults()).toEqual([]);
  }

  async function live({ quotaLimit, steps, ending }: History): Promise<void> {
    await sides.begin(quotaLimit);
    const observer = new Observer(sides);
    for (const step of steps) {
      await sides.take(step);
      await observer.look(JSON.stringify(step));
    }
    await deliverTheRest(sides, ending, (after) => observer.look(after));
    totals.histories += 1;
    expectNothingForbidden(observer);
    await expectConverged();
  }

  async function liveWithPoison(rounds: Step[][], poison: Poison): Promise<void> {
    await sides.begin(1_000);
    const observer = new Observer(sides);
    let victim: string | undefined;
    for (const steps of rounds) {
      for (const step of steps) {
        await sides.take(step);
        victim ??= await spoil(sides, poison);
      }
      await relayAll(sides);
      await observer.look('the relays');
    }
    totals.poisoned += victim === undefined ? 0 : 1;
    expectNothingForbidden(observer);
    const parked = await expectParked(victim, poison);
    await expectConverged(parked ? victim : undefined);
  }

  /**
   * The victim's events alone are set aside; one whose run never arrived has failed, at no cost. A state that is
   * overtaken by a newer one in its batch is read but never written, so one that is only too long does no harm then.
   */
  async function expectParked(victim: string | undefined, { direction, fault }: Poison): Promise<boolean> {
    const parkedOf = async (database: TwoSides['client']) =>
      database.rows<{ taskId: string }>('SELECT aggregate_id AS taskId FROM outbox WHERE parked_at IS NOT NULL');
    const parked = { wishes: await parkedOf(sides.client), states: await parkedOf(sides.shared) };
    totals.parked += parked.wishes.length + parked.states.length;
    const all = [...parked.wishes, ...parked.states].map(({ taskId }) => taskId);
    const mayBeOvertaken = direction === 'states' && fault === 'too long';
    if (all.length > 0 || !mayBeOvertaken) expect([...new Set(all)]).toEqual(victim === undefined ? [] : [victim]);
    if (victim === undefined || direction === 'states') return all.length > 0;
    const theirs = (await readTwins(sides.shared, 'shared')).find(({ taskId }) => taskId === victim);
    const ours = (await readTwins(sides.client, 'client')).find(({ taskId }) => taskId === victim)!;
    if (ours.runNo > (theirs?.runNo ?? 0)) {
      expect(ours).toMatchObject({ status: 'failed', errorCode: 'SYNC_REJECTED', stateVersion: 0 });
    }
    return true;
  }

  it(
    'I1 I2 I3 I5 I16 I18 agree in the end, leave no terminal state, bring nothing back and count each run once',
    async () => {
      await fc.assert(fc.asyncProperty(anyHistory, live), { numRuns: HISTORIES, endOnFailure: HISTORIES > 1_000 });
      // A proof over histories in which nothing happens would be none.
      expect(sides.counts.duplicates).toBeGreaterThan(HISTORIES);
      expect(sides.counts.reloads).toBeGreaterThan(0);
      expect(sides.counts.superseded).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'I6 set the later events of one poisoned task aside, and agree on all others',
    async () => {
      await fc.assert(fc.asyncProperty(anyRounds, anyPoison, liveWithPoison), { numRuns: POISONED });
      expect(totals.poisoned).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
