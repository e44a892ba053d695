import { Global, Module } from '@nestjs/common';
import { Signals } from './signals.js';

/** Signals within the process and, later, events to browsers. */
@Global()
@Module({ providers: [Signals], exports: [Signals] })
export class LiveModule {}
