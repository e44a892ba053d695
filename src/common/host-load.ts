import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Clock } from './clock.js';

/** Looks that follow each other sooner than this say the same. */
const APART_MS = 1_000;

interface CpuTimes {
  busy: number;
  all: number;
  atMs: number;
}

/** How busy the machine of this process is. Fractions from 0 to 1. */
@Injectable()
export class HostLoad {
  private before: CpuTimes;
  private cpu = 0;

  constructor(private readonly clock: Clock) {
    this.before = this.look();
  }

  read(): { cpu: number; memory: number; load: number } {
    const now = this.look();
    if (now.atMs - this.before.atMs >= APART_MS && now.all > this.before.all) {
      this.cpu = (now.busy - this.before.busy) / (now.all - this.before.all);
      this.before = now;
    }
    return { cpu: within(this.cpu), memory: within(1 - freemem() / totalmem()), load: loadavg()[0]! };
  }

  private look(): CpuTimes {
    const times = cpus().map((cpu) => cpu.times);
    const idle = times.reduce((sum, each) => sum + each.idle, 0);
    const all = times.reduce((sum, { user, nice, sys, idle: free, irq }) => sum + user + nice + sys + free + irq, 0);
    return { busy: all - idle, all, atMs: this.clock.monotonicMs() };
  }
}

function within(fraction: number): number {
  return Math.round(Math.min(1, Math.max(0, fraction)) * 10_000) / 10_000;
}
