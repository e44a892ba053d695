/** A setting that may be changed while the system runs. Its type and default are those of settings.schema.ts. */
export interface ChangeableSetting {
  /** As in config.yaml, `limits.queued_per_user`; also its key in `system_configs`. */
  key: string;
  description: string;
  /** Users may know it. */
  isPublic: boolean;
  range?: NumberRange | undefined;
}

/** Narrower than the file's: below it one change stops the service or erases what nobody gets back, above it no date is made. */
export interface NumberRange {
  min: number;
  max: number;
  /** Beside the range: 0, which says "never". */
  orZero?: boolean;
}

const ANY_COUNT: NumberRange = { min: 0, max: 1_000_000_000 };
const COUNT: NumberRange = { min: 1, max: 1_000_000_000 };
const REQUESTS: NumberRange = { min: 100, max: 1_000_000_000 };
const DAYS: NumberRange = { min: 1, max: 36_500 };
const HOURS: NumberRange = { min: 1, max: 876_000 };
const RUN_SECONDS: NumberRange = { min: 10, max: 31_536_000 };
const atLeastMs = (min: number): NumberRange => ({ min, max: 86_400_000 });

const LOG_DAYS = 'Rows of the system log of this level; holds for rows from now on.';

/**
 * All of them. A setting belongs here only if those who use it ask the one Settings object each time: what is read
 * once at start would not change. Secrets and addresses of servers never do.
 */
export const CHANGEABLE_SETTINGS: ChangeableSetting[] = [
  open('limits.requests_per_user', 'Requests of one user a minute, in each process.', REQUESTS),
  hidden('limits.requests_per_address', 'Requests from one address a minute, in each process.', REQUESTS),
  open('limits.queued_per_user', 'Tasks of one user that may wait.', COUNT),
  open('limits.running_per_user', 'Tasks of one user that may run at once.', COUNT),
  hidden('limits.queue', 'Waiting tasks of all users, above which new ones are refused.', COUNT),
  open('auth.registration', 'Whether anybody may make an account of the client page.'),
  open('auth.default_quota', 'Tasks a day of a new account that names no quota.', ANY_COUNT),
  hidden('dispatch.strategy', 'How a node is chosen among those that could take a task.'),
  hidden('dispatch.ageing_seconds', 'So many seconds of waiting count as one priority.', { min: 1, max: 31_536_000 }),
  hidden(
    'dispatch.affinity_load',
    'A node that has the models loaded may have so much more to do, in prompts.',
    ANY_COUNT,
  ),
  hidden('dispatch.affinity_streak', 'How often on end a node is preferred for its models.', ANY_COUNT),
  hidden('dispatch.impossible_tasks', 'What becomes of a task that no registered node could ever run.'),
  hidden('dispatch.max_attempts', 'Attempts at one run of a task.', { min: 1, max: 100 }),
  hidden('dispatch.retry_base_ms', 'Pause before the second attempt; doubled with each further one.', atLeastMs(100)),
  hidden('dispatch.retry_cap_ms', 'The longest pause before another attempt.', atLeastMs(100)),
  hidden('dispatch.first_run_limit_seconds', 'How long a prompt of a new workflow may run.', RUN_SECONDS),
  hidden('dispatch.run_limit_floor_seconds', 'How long a prompt of a known workflow may run, at least.', RUN_SECONDS),
  hidden('dispatch.silent_seconds', 'How long a running prompt may tell nothing, at least.', RUN_SECONDS),
  hidden(
    'dispatch.cancel_grace_ms',
    'When a cancelled task is settled whose node does not let go of it.',
    atLeastMs(1_000),
  ),
  hidden('nodes.health_ms', 'How often a node is asked how it is.', atLeastMs(1_000)),
  hidden('nodes.lost_after_ms', 'A node that is away for so long has its prompts given to others.', atLeastMs(5_000)),
  hidden('nodes.max_output_bytes', "A node's file that is longer is not fetched.", { min: 2 ** 20, max: 2 ** 40 }),
  hidden(
    'storage.keep_unreferenced_hours',
    'How long bytes stay after the last reference to them went; holds for what goes from now on.',
    HOURS,
  ),
  hidden('uploads.max_pixels', 'Width × height of an uploaded picture, at most.', { min: 65_536, max: 1_000_000_000 }),
  open('retention.client_data_days', "Users' finished tasks with their files; 0: for ever.", { ...DAYS, orZero: true }),
  open('retention.temporary_hours', 'Uploads that no task ever used.', HOURS),
  hidden('retention.log_days.debug', LOG_DAYS, DAYS),
  hidden('retention.log_days.info', LOG_DAYS, DAYS),
  hidden('retention.log_days.warning', LOG_DAYS, DAYS),
  hidden('retention.log_days.error', LOG_DAYS, DAYS),
  hidden('retention.log_days.critical', LOG_DAYS, DAYS),
  hidden('retention.access_log_days', "Rows of the client's access log.", DAYS),
  hidden('retention.metric_days', 'Metrics by the minute.', DAYS),
  hidden('retention.job_run_days', 'Runs of scheduled jobs.', DAYS),
  // Or who holds an admin's account for a minute could erase what was done with it.
  hidden('retention.audit_days', 'What admins did, and with it the history of settings.', { ...DAYS, min: 90 }),
];

function open(key: string, description: string, range?: NumberRange): ChangeableSetting {
  return { key, description, isPublic: true, range };
}

function hidden(key: string, description: string, range?: NumberRange): ChangeableSetting {
  return { key, description, isPublic: false, range };
}
