/** A setting that may be changed while the system runs. Its type, range and default are those of settings.schema.ts. */
export interface ChangeableSetting {
  /** As in config.yaml, `limits.queued_per_user`; also its key in `system_configs`. */
  key: string;
  description: string;
  /** Users may know it. */
  isPublic: boolean;
  /** Above it a number helps nobody, and dates made of it would be none. */
  max?: number;
}

const DAYS = { max: 36_500 };
const SECONDS = { max: 31_536_000 };
const MILLISECONDS = { max: 86_400_000 };
const COUNT = { max: 1_000_000_000 };

/**
 * All of them. A setting belongs here only if those who use it ask the one Settings object each time: what is read
 * once at start would not change. Secrets and addresses of servers never do.
 */
export const CHANGEABLE_SETTINGS: ChangeableSetting[] = [
  open('limits.requests_per_user', 'Requests of one user a minute, in each process.', COUNT),
  hidden('limits.requests_per_address', 'Requests from one address a minute, in each process.', COUNT),
  open('limits.queued_per_user', 'Tasks of one user that may wait.', COUNT),
  open('limits.running_per_user', 'Tasks of one user that may run at once.', COUNT),
  hidden('limits.queue', 'Waiting tasks of all users, above which new ones are refused.', COUNT),
  open('auth.registration', 'Whether anybody may make an account of the client page.'),
  open('auth.default_quota', 'Tasks a day of a new account that names no quota.', COUNT),
  hidden('dispatch.strategy', 'How a node is chosen among those that could take a task.'),
  hidden('dispatch.ageing_seconds', 'So many seconds of waiting count as one priority.', SECONDS),
  hidden('dispatch.affinity_load', 'A node that has the models loaded may have so much more to do, in prompts.', COUNT),
  hidden('dispatch.affinity_streak', 'How often on end a node is preferred for its models.', COUNT),
  hidden('dispatch.impossible_tasks', 'What becomes of a task that no registered node could ever run.'),
  hidden('dispatch.max_attempts', 'Attempts at one run of a task.', { max: 100 }),
  hidden('dispatch.retry_base_ms', 'Pause before the second attempt; doubled with each further one.', MILLISECONDS),
  hidden('dispatch.retry_cap_ms', 'The longest pause before another attempt.', MILLISECONDS),
  hidden('dispatch.first_run_limit_seconds', 'How long a prompt of a new workflow may run.', SECONDS),
  hidden('dispatch.run_limit_floor_seconds', 'How long a prompt of a known workflow may run, at least.', SECONDS),
  hidden('dispatch.silent_seconds', 'How long a running prompt may tell nothing, at least.', SECONDS),
  hidden(
    'dispatch.cancel_grace_ms',
    'When a cancelled task is settled whose node does not let go of it.',
    MILLISECONDS,
  ),
  hidden('nodes.health_ms', 'How often a node is asked how it is.', MILLISECONDS),
  hidden('nodes.lost_after_ms', 'A node that is away for so long has its prompts given to others.', MILLISECONDS),
  hidden('nodes.max_output_bytes', "A node's file that is longer is not fetched.", { max: 2 ** 40 }),
  hidden('storage.keep_unreferenced_hours', 'How long bytes stay after the last reference to them went.', {
    max: 876_000,
  }),
  hidden('uploads.max_pixels', 'Width × height of an uploaded picture, at most.', COUNT),
  open('retention.client_data_days', "Users' finished tasks with their files; 0: for ever.", DAYS),
  open('retention.temporary_hours', 'Uploads that no task ever used.', { max: 876_000 }),
  hidden('retention.log_days.debug', 'Rows of the system log of this level.', DAYS),
  hidden('retention.log_days.info', 'Rows of the system log of this level.', DAYS),
  hidden('retention.log_days.warning', 'Rows of the system log of this level.', DAYS),
  hidden('retention.log_days.error', 'Rows of the system log of this level.', DAYS),
  hidden('retention.log_days.critical', 'Rows of the system log of this level.', DAYS),
  hidden('retention.access_log_days', "Rows of the client's access log.", DAYS),
  hidden('retention.metric_days', 'Metrics by the minute.', DAYS),
  hidden('retention.job_run_days', 'Runs of scheduled jobs.', DAYS),
  hidden('retention.audit_days', 'What admins did, and with it the history of settings.', DAYS),
];

function open(key: string, description: string, bound: { max?: number } = {}): ChangeableSetting {
  return { key, description, isPublic: true, ...bound };
}

function hidden(key: string, description: string, bound: { max?: number } = {}): ChangeableSetting {
  return { key, description, isPublic: false, ...bound };
}
