import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { TooManyError, UnavailableError } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { encodeRetry, HEARTBEAT } from './sse-event.js';
import { SseStream } from './sse-stream.js';

/** Readers that lost their connection come back after so long. */
const RETRY_MS = 2_000;

/** All streams of events that this process has open: opens them, keeps them alive, and ends them at its stop. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  /** Each with the user who reads it. */
  private readonly open = new Map<SseStream, string>();
  private readonly settings: Settings['live'];
  private readonly heartbeat: NodeJS.Timeout;
  private isStopping = false;

  constructor(@Inject(SETTINGS) { live }: Settings) {
    this.settings = live;
    this.heartbeat = setInterval(() => this.sendHeartbeats(), live.heartbeatMs).unref();
  }

  /** Takes the reply over for good; `onClosed` is told once when it is over. Throws 429 for a user with too many. */
  start(reply: FastifyReply, userId: string, onClosed: (stream: SseStream) => void): SseStream {
    if (this.isStopping) throw new UnavailableError('The service is stopping; connect again.', 'STOPPING');
    const { maxStreamsPerUser, maxBufferedBytes } = this.settings;
    if ([...this.open.values()].filter((reader) => reader === userId).length >= maxStreamsPerUser) {
      throw new TooManyError(`You have ${maxStreamsPerUser} streams open already; close one.`, 'TOO_MANY_STREAMS', {
        retryAfterSeconds: 5,
      });
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      // What hooks have set so far (CORS, safe headers): nobody else will send it any more.
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const stream: SseStream = new SseStream(reply.raw, maxBufferedBytes, () => {
      this.open.delete(stream);
      onClosed(stream);
    });
    this.open.set(stream, userId);
    stream.send(encodeRetry(RETRY_MS));
    return stream;
  }

  /** Whoever may not read any more; where they may, they come back. */
  endOf(userId: string): void {
    for (const [stream, reader] of this.open) if (reader === userId) stream.end();
  }

  count(): number {
    return this.open.size;
  }

  /** Runs before the HTTP server closes, which would wait for these connections in vain. */
  onModuleDestroy(): void {
    this.isStopping = true;
    clearInterval(this.heartbeat);
    for (const stream of this.open.keys()) stream.end();
  }

  private sendHeartbeats(): void {
    for (const stream of this.open.keys()) stream.send(HEARTBEAT);
  }
}
