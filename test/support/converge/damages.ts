import type { Step } from './history.js';

export const SUBMIT: Step = { do: 'submit', task: 0 };
export const CLAIM: Step = { do: 'claim', task: 0 };
export const COMPLETE: Step = { do: 'complete', task: 0, pick: 0, files: 2 };
const CANCEL: Step = { do: 'cancel', task: 0 };
const RELOAD: Step = { do: 'reload', task: 0 };

const LOSE_EVENTS = 'DELETE FROM outbox WHERE published_at IS NULL';
export const SHARED_BACK_TO_PROCESSING = `UPDATE global_tasks SET status = 'processing', state_version = 1, progress = 0, completed_at = NULL`;

/** What is changed by hand in the tables, what the reconciler has to find, and how both sides end. */
export interface Damage {
  title: string;
  /** The relays run after each of them, but for `unrelayed`. */
  steps: Step[];
  unrelayed?: Step;
  client?: string[];
  shared?: string[];
  found: Record<string, number>;
  end: { runNo: number; stateVersion: number; status: string };
}

export const DAMAGES: Damage[] = [
  {
    title: 'a task that is missing in the queue',
    steps: [SUBMIT],
    shared: ['DELETE FROM global_tasks'],
    found: { missing: 1 },
    end: { runNo: 1, stateVersion: 0, status: 'queued' },
  },
  {
    title: 'a copy that is behind',
    steps: [SUBMIT, CLAIM, COMPLETE],
    client: [
      `UPDATE client_tasks SET status = 'queued', state_version = 0, attempt_count = 0, completed_at = NULL`,
      'DELETE FROM client_task_results',
    ],
    found: { copy_behind: 1 },
    end: { runNo: 1, stateVersion: 2, status: 'completed' },
  },
  {
    title: 'another status and reason in the same version',
    steps: [SUBMIT, CLAIM, COMPLETE],
    client: [`UPDATE client_tasks SET status = 'failed', error_code = 'NODE_LOST'`],
    found: { content: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'completed' },
  },
  {
    title: 'another number of attempts in the same version',
    steps: [SUBMIT, CLAIM],
    client: ['UPDATE client_tasks SET attempt_count = 2'],
    found: { content: 1 },
    end: { runNo: 1, stateVersion: 2, status: 'processing' },
  },
  {
    title: 'a result that the copy lacks',
    steps: [SUBMIT, CLAIM, COMPLETE],
    client: ['DELETE FROM client_task_results WHERE output_index = 1'],
    found: { content: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'completed' },
  },
  {
    title: 'a result that the copy has too many',
    steps: [SUBMIT, CLAIM, COMPLETE],
    shared: ['DELETE FROM global_task_results WHERE output_index = 1'],
    found: { content: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'completed' },
  },
  {
    title: 'a result with other bytes',
    steps: [SUBMIT, CLAIM, COMPLETE],
    client: [`UPDATE client_task_results SET file_hash = REPEAT('d', 64) WHERE output_index = 0`],
    found: { content: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'completed' },
  },
  {
    title: 'a claim that the queue lost in a fail-over',
    steps: [SUBMIT, CLAIM],
    shared: [`UPDATE global_tasks SET status = 'queued', state_version = 0, attempt_count = 0`],
    found: { copy_ahead: 1 },
    end: { runNo: 1, stateVersion: 2, status: 'queued' },
  },
  {
    title: 'an end that the queue lost in a fail-over after the copy was told of it',
    steps: [SUBMIT, CLAIM, COMPLETE],
    shared: [SHARED_BACK_TO_PROCESSING],
    found: { copy_ahead: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'processing' },
  },
  {
    title: 'a cancel that never arrived',
    steps: [SUBMIT],
    unrelayed: CANCEL,
    client: [LOSE_EVENTS],
    found: { wish_behind: 1 },
    end: { runNo: 1, stateVersion: 1, status: 'cancelled' },
  },
  {
    title: 'a cancel that the queue lost in a fail-over after it had been done',
    steps: [SUBMIT, CANCEL],
    shared: [`UPDATE global_tasks SET status = 'queued', state_version = 0, cancel_run = 0, completed_at = NULL`],
    found: { wish_behind: 1, copy_ahead: 1 },
    end: { runNo: 1, stateVersion: 3, status: 'cancelled' },
  },
  {
    title: 'a reload that never arrived',
    steps: [SUBMIT, CLAIM, COMPLETE],
    unrelayed: RELOAD,
    client: [LOSE_EVENTS],
    found: { wish_behind: 1 },
    end: { runNo: 2, stateVersion: 0, status: 'queued' },
  },
  {
    title: 'a reload that the client lost in a fail-over',
    steps: [SUBMIT, CLAIM, COMPLETE, RELOAD],
    client: [`UPDATE client_tasks SET run_no = 1, state_version = 2, status = 'completed', attempt_count = 1`],
    found: { copy_behind: 1 },
    end: { runNo: 2, stateVersion: 0, status: 'queued' },
  },
];
