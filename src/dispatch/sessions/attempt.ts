import { killPoint, type Logger } from '../../common/index.js';
import type { OpenAssignment, PromptTimes, SettleOutcome } from '../../shared/index.js';
import type { HistoryEntry, QueueSnapshot, SocketFrame, SubmitOutcome } from '../comfyui/protocol.js';
import type { AttemptContext } from './attempt-context.js';
import type { FailureCause } from './classify-failure.js';
import { fetchResults } from './fetch-results.js';
import { LearnedTimes } from './learned-times.js';
import { noteTimes } from './note-times.js';
import { overallProgress } from './overall-progress.js';
import { causeOfUnsent, isWithinPost, postPrompt } from './post-prompt.js';
import { PromptRemoval } from './prompt-removal.js';
import { readHistory } from './read-history.js';
import { settleFailure, settleSuccess } from './settle-attempt.js';
import { StepRunner } from './step-runner.js';
import { traceSteps } from './trace-steps.js';
import { Watchdog } from './watchdog.js';

/** Two looks that miss a prompt count as lost only this far apart (docs/comfyui-protocol.md, 5.2). */
const MISSING_FOR_MS = 2_000;
const ASK_AGAIN_MS = 500;
/** How often a file is fetched again that comes cut off or unreadable, or is sent that is refused, with growing pauses. */
const MAX_TRANSFERS = 6;

/**
 * One attempt of a task on a node, moved on by looking: at its row, at the node's queue, at the node's history. What
 * it does next follows from these alone, so a process that takes over goes on where the former one was killed.
 */
export class Attempt {
  private readonly log: Logger;
  private readonly steps: StepRunner;
  private isClosed = false;
  private wasSettledHere = false;
  private isPostedHere = false;
  /** Seen by this session: only then is a loss the node's death, and not an older one's (I17). */
  private wasSeenRunning = false;
  private hasEnded = false;
  /** It told its end, whatever became of its history then: the node died after it, not of it. */
  private wasSeenEnding = false;
  private nodeCount = 0;
  private missingSinceMs: number | undefined;
  private cancelSinceMs: number | undefined;
  private recallReason: string | undefined;
  private readonly watchdog: Watchdog;
  private readonly removal: PromptRemoval;
  private readonly times: LearnedTimes;

  constructor(
    private row: OpenAssignment,
    private readonly context: AttemptContext,
  ) {
    const { taskId, assignmentId, nodeId } = row;
    this.log = context.services.logger.child({ taskId, assignmentId, nodeId });
    const { clock, marks, settings } = context.services;
    const write = (times: PromptTimes) => marks.markTold(assignmentId, context.fence, times);
    this.times = new LearnedTimes(async (times) => !this.isClosed && write(times), row);
    const onStep = () => context.onStep();
    this.steps = new StepRunner({ clock, logger: this.log, onStep, trace: traceSteps(row, context) });
    this.removal = new PromptRemoval(assignmentId, context.client, clock);
    this.watchdog = new Watchdog(clock, settings.dispatch.stuckGraceMs);
  }

  get isIdle(): boolean {
    return this.steps.isIdle;
  }

  /** Settled by us, so that its history entry on the node is ours to delete (I15). */
  get isSettledHere(): boolean {
    return this.wasSettledHere;
  }

  /** Its prompt may be on the node: polls are due. */
  get isPosted(): boolean {
    return !this.isClosed && this.row.postStartedAt !== null;
  }

  /** It runs, its frames should come here, and none came for so long. */
  get unheardMs(): number {
    return this.isPosted && this.isPostedHere ? this.watchdog.silentMs : 0;
  }

  /** Its POST is under way, and not answered yet. */
  get isPosting(): boolean {
    return !this.isClosed && !this.steps.isIdle && this.row.acceptedAt === null;
  }

  /** Whether only polling tells how it goes: its events go to a former owner (I14), or it is being taken off the node. */
  get wantsFastPolls(): boolean {
    const isEnding = this.row.cancelWished || this.recallReason !== undefined || this.watchdog.complaint !== undefined;
    return this.isPosted && (!this.isPostedHere || isEnding || this.missingSinceMs !== undefined);
  }

  update(row: OpenAssignment): void {
    // Our own writes may be newer than a list that was read beside them.
    const { postStartedAt, acceptedAt } = this.row;
    this.row = { ...row, postStartedAt: row.postStartedAt ?? postStartedAt, acceptedAt: row.acceptedAt ?? acceptedAt };
  }

  onFrame(frame: SocketFrame): void {
    if (frame.type === 'ended') {
      this.hasEnded = this.wasSeenEnding = true;
      return this.isClosed ? undefined : this.context.services.progress.reportEnd(this.row);
    }
    this.watchdog.onFrame(frame.type);
    this.wasSeenRunning = true;
    if (this.isClosed) return;
    this.learn('startedAt');
    if (frame.type !== 'progress_state' || this.hasEnded) return;
    killPoint('attempt.running');
    this.context.services.progress.report(this.row, overallProgress(frame.nodes, this.nodeCount));
  }

  /** Whatever it does from here on, its slot's progress is not its own any more. */
  leave(): void {
    this.context.services.progress.forget(this.row.assignmentId);
  }

  /** What waits here in vain goes back to the queue and spends no attempt; what runs stays (I17). */
  recall(reason: string): void {
    if (!this.isClosed && !this.times.knows('startedAt')) this.recallReason ??= reason;
  }

  /** Begins the next step, if there is one and none is under way; `queue` where the node was just asked for it. */
  advance({ queue, mayPost }: { queue: QueueSnapshot | undefined; mayPost: boolean }): void {
    if (this.isClosed || !this.steps.isReady) return;
    if (this.row.postStartedAt === null) {
      const { recallReason: detail } = this;
      if (this.row.cancelWished) this.steps.run('cancel', () => this.settle({ kind: 'interrupted' }));
      else if (detail !== undefined) this.steps.run('recall', () => this.settle({ kind: 'recalled', detail }));
      else if (mayPost) this.steps.run('post', () => this.post());
      return;
    }
    if (this.hasEnded) return this.steps.run('harvest', () => this.readEnd());
    if (!queue) return;
    const isRunning = queue.running.some(({ promptId }) => promptId === this.row.assignmentId);
    const isPending = queue.pending.some(({ promptId }) => promptId === this.row.assignmentId);
    if (isRunning || isPending) this.steps.run('follow', () => this.follow(isRunning));
    else this.steps.run('harvest', () => this.readEnd());
  }

  /** The node could not be reached for longer than is allowed: by us, so that it may well be alive. */
  giveUp(): void {
    if (!this.steps.isIdle || this.isClosed || isWithinPost(this.row, this.context)) return;
    const cause: FailureCause =
      this.row.postStartedAt === null
        ? { kind: 'unreachable_before_post' }
        : { kind: 'lost', detail: 'it does not answer any more', wasRunning: false };
    this.steps.run('give up', () => this.settle(cause));
  }

  /** Waits for the step under way, and for what it writes. */
  async idle(): Promise<void> {
    await this.steps.settled();
    await this.times.settled();
  }

  private async post(): Promise<void> {
    const isLastTry = this.steps.failures >= MAX_TRANSFERS;
    const posted = await postPrompt(this.row, this.context).catch((error: unknown) => ({
      cause: causeOfUnsent(error, { isLastTry }),
    }));
    if (posted && 'cause' in posted) return this.settle(posted.cause);
    if (!posted) return this.askForRow();
    this.row.postStartedAt = posted.startedAt;
    this.isPostedHere = true;
    this.nodeCount = posted.nodeCount;
    const outcome = await posted.outcome;
    if (outcome.kind === 'refused' && posted.usesKnownInputs) return this.settle({ kind: 'input_lost' });
    await this.onSubmitted(outcome);
  }

  /** Our mark was refused, or its answer was lost: what the row says now decides. */
  private askForRow(): void {
    this.steps.pause(ASK_AGAIN_MS);
    this.context.services.signals.emit('assignments.changed');
  }

  private async onSubmitted(outcome: SubmitOutcome): Promise<void> {
    if (outcome.kind === 'ambiguous') {
      this.log.warn({ reason: outcome.reason }, 'the answer to a prompt was lost; looking for it on the node');
      return;
    }
    killPoint('post.answered');
    if (outcome.kind === 'refused') return this.settle(outcome);
    if (Object.keys(outcome.nodeErrors).length > 0) {
      // Accepted without some of its outputs: half a result is none.
      await this.removal.deletePending();
      await this.removal.interrupt();
      return this.settle({ kind: 'refused', errorType: 'partial', message: '', nodeErrors: outcome.nodeErrors });
    }
    this.noteAccepted();
  }

  private noteAccepted(): void {
    this.learn('acceptedAt');
    this.row.acceptedAt ??= this.context.services.clock.now();
  }

  private learn(what: keyof PromptTimes): void {
    this.times.learn(what, this.context.services.clock.now());
  }

  /** The prompt is in the node's queue. */
  private async follow(isRunning: boolean): Promise<void> {
    this.missingSinceMs = undefined;
    this.wasSeenRunning ||= isRunning;
    this.noteAccepted();
    if (isRunning) this.learn('startedAt');
    await this.times.written();
    if (this.row.cancelWished) return this.cancelOnNode(isRunning);
    if (isRunning) return this.watch();
    const { recallReason: detail } = this;
    if (detail !== undefined && (await this.removal.withdraw())) await this.settle({ kind: 'recalled', detail });
  }

  /** It must not run for ever, nor in silence: whatever the node says of itself, its worker may be dead. */
  private async watch(): Promise<void> {
    this.recallReason = undefined;
    const { limits, settings } = this.context.services;
    const allowed = await limits.find(this.row.workflowName, settings.dispatch, this.row.attemptNo);
    const verdict = this.watchdog.judge(allowed, this.isPostedHere && this.context.isListening());
    if (verdict === 'fine') return;
    if (verdict === 'interrupt') return this.removal.interrupt();
    const detail = this.watchdog.complaint!;
    await this.settle({ kind: 'stuck', detail, wasSilent: !this.watchdog.wasTooLong });
    this.context.onStuck(this.row.assignmentId);
  }

  private async cancelOnNode(isRunning: boolean): Promise<void> {
    this.cancelSinceMs ??= this.now();
    const graceMs = this.context.services.settings.dispatch.cancelGraceMs;
    // A stuck worker never lets go of it; what is left there is a stray from then on (I13).
    if (this.now() - this.cancelSinceMs > graceMs) return this.settle({ kind: 'interrupted' });
    killPoint('cancel.on_node');
    if (!isRunning) return this.removal.deletePending();
    await this.removal.interrupt();
  }

  /** The prompt is not in the queue: its history tells how it ended, or it was lost. */
  private async readEnd(): Promise<void> {
    const entry = await this.context.client.history(this.row.assignmentId);
    if (entry) return this.harvest(entry);
    this.hasEnded = false;
    if (isWithinPost(this.row, this.context)) return;
    if (this.row.cancelWished) return this.settle({ kind: 'interrupted' });
    this.missingSinceMs ??= this.now();
    if (this.now() - this.missingSinceMs < MISSING_FOR_MS) return;
    // Deleted there by us, and the look that was to make sure of it failed.
    const { recallReason } = this;
    if (recallReason !== undefined && !this.wasSeenRunning)
      return this.settle({ kind: 'recalled', detail: recallReason });
    await this.settle({
      kind: 'lost',
      detail: 'it is neither in its queue nor in its history',
      wasRunning: this.wasSeenRunning && !this.wasSeenEnding && this.row.slot !== null,
    });
  }

  private async harvest(entry: HistoryEntry): Promise<void> {
    this.hasEnded = this.wasSeenEnding = true;
    this.noteAccepted();
    this.learn('endedAt');
    // The slot is given back beside the fetching: a long file holds up no next prompt (I10).
    const told = { complaint: this.watchdog.complaint, isLastTry: this.steps.failures >= MAX_TRANSFERS };
    const fetched = fetchResults(readHistory(entry), this.row, this.context, told);
    // Both are waited for, however the other ends: a fetching left behind would meet that of the next step.
    const [slot, files] = await Promise.allSettled([this.giveSlotBack(), fetched]);
    if (slot.status === 'rejected') throw slot.reason;
    if (!slot.value) return void (this.isClosed = true);
    if (files.status === 'rejected') throw files.reason;
    const results = files.value;
    if ('kind' in results) return this.settle(results);
    killPoint('settle.before');
    this.onSettled(await settleSuccess(results, this.row, this.context));
  }

  private async giveSlotBack(): Promise<boolean> {
    const isOurs = await this.times.written();
    this.leave();
    this.context.services.signals.emit('queue.changed');
    return isOurs;
  }

  private async settle(cause: FailureCause): Promise<void> {
    await this.times.settled();
    this.onSettled(await settleFailure(cause, this.row, this.context, this.log));
  }

  private onSettled(outcome: SettleOutcome): void {
    if (outcome === 'completed') this.log.info('task completed');
    if (outcome === 'completed') noteTimes(this.row, this.times, this.context.services.metrics);
    if (outcome === 'superseded') this.log.warn('attempt was settled by another owner');
    this.wasSettledHere = outcome !== 'superseded';
    this.isClosed = true;
    this.leave();
  }

  private now(): number {
    return this.context.services.clock.monotonicMs();
  }
}
