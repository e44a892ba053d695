import { Global, Module } from '@nestjs/common';
import { EventStreams } from './event-streams.js';
import { Signals } from './signals.js';

/** Signals within the process and events to browsers. */
@Global()
@Module({ providers: [EventStreams, Signals], exports: [EventStreams, Signals] })
export class LiveModule {}
