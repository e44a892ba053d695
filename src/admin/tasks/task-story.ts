import { ApiProperty } from '@nestjs/swagger';
import type { AnnouncedState, AttemptRecord, TaskRecord } from '../../shared/index.js';
import type { TaskAudit } from './task-audits.repository.js';
import type { UserTaskTrace } from './user-tasks.js';

/** In the order in which they follow each other where their times are the same. */
const EVENTS = [
  'submitted',
  'run_wished',
  'charged',
  'cancel_wished',
  'relayed',
  'rejected',
  'admin',
  'queued',
  'assigned',
  'posted',
  'accepted',
  'running',
  'ended_on_node',
  'requeue_wished',
  'attempt_ended',
  'state',
  'settled',
  'reported',
  'refunded',
] as const;
type EventName = (typeof EVENTS)[number];

export class StoryEventView {
  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty({ enum: EVENTS, example: 'attempt_ended' })
  event: EventName;

  @ApiProperty({ type: 'integer', nullable: true })
  run_no: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  attempt_no: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'gpu-1' })
  node_id: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'failed' })
  status: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'NODE_LOST' })
  error_code: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'least loaded; 2 idle nodes' })
  detail: string | null;
}

export class TaskStoryView {
  @ApiProperty()
  task_id: string;

  @ApiProperty({ example: 'completed' })
  status: string;

  @ApiProperty({ type: [StoryEventView] })
  events: StoryEventView[];
}

/** All rows that tell of a task. */
export interface StorySources {
  task: TaskRecord;
  attempts: AttemptRecord[];
  states: AnnouncedState[];
  trace: UserTaskTrace | undefined;
  audits: TaskAudit[];
}

type Told = Partial<Omit<StoryEventView, 'at' | 'event'>>;

/** Pure: what happened, in the order of time. */
export function tellStory({ task, attempts, states, trace, audits }: StorySources): TaskStoryView {
  const events = [
    ...eventsOf(task),
    ...attempts.flatMap(eventsOfAttempt),
    ...states.flatMap(eventsOfState),
    ...(trace ? eventsOfTrace(trace) : []),
    ...audits.flatMap(({ createdAt, action, actor, after }) =>
      event('admin', createdAt, { detail: `${action} by ${actor}${after ? `: ${JSON.stringify(after)}` : ''}` }),
    ),
  ];
  const rank = ({ event: name }: StoryEventView) => EVENTS.indexOf(name);
  const sorted = events.toSorted((a, b) => (a.at === b.at ? rank(a) - rank(b) : a.at < b.at ? -1 : 1));
  return { task_id: task.taskId, status: task.status, events: sorted };
}

function eventsOf({
  createdAt,
  queuedAt,
  completedAt,
  runNo,
  status,
  errorCode,
  nodeId,
}: TaskRecord): StoryEventView[] {
  const end = { run_no: runNo, status, error_code: errorCode, node_id: nodeId };
  return [
    ...event('submitted', createdAt, { run_no: 1 }),
    ...event('queued', runNo > 1 ? queuedAt : null, { run_no: runNo }),
    ...event('settled', completedAt, end),
  ];
}

function eventsOfAttempt(attempt: AttemptRecord): StoryEventView[] {
  const on = { run_no: attempt.runNo, attempt_no: attempt.attemptNo, node_id: attempt.nodeId };
  const end = { status: attempt.status, error_code: attempt.errorCode, detail: attempt.errorMessage };
  return [
    ...event('assigned', attempt.assignedAt, { ...on, detail: attempt.reason }),
    ...event('posted', attempt.postStartedAt, on),
    ...event('accepted', attempt.acceptedAt, on),
    ...event('running', attempt.startedAt, on),
    ...event('requeue_wished', attempt.requeueWishedAt, on),
    ...event('ended_on_node', attempt.endedOnNodeAt, on),
    ...event('attempt_ended', attempt.completedAt, { ...on, ...end }),
  ];
}

/** A task that goes back to the queue is a retry: its message says why. */
function eventsOfState({ state, createdAt, publishedAt }: AnnouncedState): StoryEventView[] {
  const { runNo, status, errorCode, message } = state;
  const told = { run_no: runNo, status };
  return [
    ...event('state', createdAt, { ...told, error_code: errorCode, detail: message }),
    ...event('reported', publishedAt, told),
  ];
}

function eventsOfTrace({ wishes, ledger }: UserTaskTrace): StoryEventView[] {
  const ofWishes = wishes.flatMap(({ runNo, cancelRun, createdAt, publishedAt, parkedAt, error }) => {
    const run = { run_no: runNo };
    const isCancel = cancelRun >= runNo;
    return [
      ...event('cancel_wished', isCancel ? createdAt : null, run),
      ...event('run_wished', !isCancel && runNo > 1 ? createdAt : null, run),
      ...event('relayed', publishedAt, { ...run, detail: isCancel ? 'the wish to cancel' : 'the wish to run' }),
      ...event('rejected', parkedAt, { ...run, detail: error }),
    ];
  });
  const ofLedger = ledger.flatMap(({ runNo, kind, amount, createdAt }) =>
    event(kind === 'charge' ? 'charged' : 'refunded', createdAt, { run_no: runNo, detail: `${amount}` }),
  );
  return [...ofWishes, ...ofLedger];
}

function event(name: EventName, at: Date | null, told: Told): StoryEventView[] {
  if (!at) return [];
  const nothing = { run_no: null, attempt_no: null, node_id: null, status: null, error_code: null, detail: null };
  return [{ at: at.toISOString(), event: name, ...nothing, ...told }];
}
