import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';

export interface OutputAddress {
  taskId: string;
  index: number;
  fileName: string;
}

export interface OutputSignature {
  task?: string;
  index?: number;
  expires?: number;
  signature?: string;
}

const HOUR_SECONDS = 3_600;

/** Addresses of results for an <img>, which sends no token: each is signed for one file and some time. */
@Injectable()
export class OutputLinksService {
  constructor(
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** `origin`: where the caller reached us, in case that nobody configured it. The same for an hour: lists are polled. */
  linkTo({ taskId, index, fileName }: OutputAddress, origin: string): string {
    const hour = Math.floor(this.clock.now().getTime() / 1_000 / HOUR_SECONDS);
    const expires = (hour + 2) * HOUR_SECONDS;
    const signature = this.sign(taskId, index, expires);
    const query = new URLSearchParams({ task: taskId, index: `${index}`, expires: `${expires}`, signature });
    const base = (this.settings.server.publicUrl || origin).replace(/\/+$/, '');
    return `${base}/outputs/${encodeURIComponent(fileName.replaceAll(/[/\\]/g, '_'))}?${query.toString()}`;
  }

  holds({ task, index, expires, signature }: OutputSignature): boolean {
    if (task === undefined || index === undefined || expires === undefined || signature === undefined) return false;
    if (expires * 1_000 <= this.clock.now().getTime()) return false;
    const [right, given] = [Buffer.from(this.sign(task, index, expires)), Buffer.from(signature)];
    return right.length === given.length && timingSafeEqual(right, given);
  }

  private sign(taskId: string, index: number, expires: number): string {
    const text = `output:${taskId}:${index}:${expires}`;
    return createHmac('sha256', this.settings.secrets.signingKey).update(text).digest('base64url');
  }
}
