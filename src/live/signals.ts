import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';

/** What may be signalled within a process: never data, only "look again". */
export type Signal =
  | 'client.outbox'
  | 'admin.outbox'
  | 'shared.outbox'
  /** A task was queued, a slot came free, or a node came back. */
  | 'queue.changed'
  /** A task was assigned to a node, or its cancel was wished. */
  | 'assignments.changed'
  /** The relay has brought states or progress of users' tasks. */
  | 'client.tasks'
  /** A message to a user's address is due. */
  | 'client.webhooks'
  /** An evaluation was made, or its pause, resumption or cancel was wished. */
  | 'flames.tasks';

/**
 * Nudges between the parts of one process, so that work starts milliseconds after a commit. A lost nudge loses
 * nothing: every listener also sweeps by itself.
 */
@Injectable()
export class Signals {
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  emit(signal: Signal): void {
    this.emitter.emit(signal);
  }

  /** Returns the way to unsubscribe. */
  on(signal: Signal, listener: () => void): () => void {
    this.emitter.on(signal, listener);
    return () => this.emitter.off(signal, listener);
  }
}
