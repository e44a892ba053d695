import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, HostRefusedError, killPoint, LOGGER, SecretBox, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { GuardedHttp, type PostOutcome } from './guarded-http.js';
import { signWebhook } from './sign-webhook.js';
import { WebhookDeliveriesRepository, type DueDelivery } from './webhook-deliveries.repository.js';
import { webhookPurpose } from './webhook-settings.service.js';

const AT_ONCE = 50;
/** One user's slow receiver holds up nobody else's messages. */
const AT_ONCE_FOR_A_USER = 5;
const JITTER = 0.2;

/** What became of one try. */
interface Try {
  isDelivered: boolean;
  /** Trying again would not help. */
  isFinal?: boolean;
  status: number | null;
  error: string | null;
}

/** Sends what is due, each message at least once, and a second time only where nobody knows what became of the first. */
@Injectable()
export class WebhookSenderService implements OnModuleDestroy {
  private readonly settings: Settings['webhooks'];
  private readonly box: SecretBox;
  private readonly http: GuardedHttp;
  private isStopping = false;
  private readonly onTheirWay = new Map<DueDelivery, Promise<void>>();

  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) { webhooks, secrets }: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.settings = webhooks;
    this.box = new SecretBox(secrets.encryptionKey);
    this.http = new GuardedHttp(webhooks);
  }

  /** Sets off as many as may be under way at once; `onSettled` is told after each, when there is room again. */
  async sendDue(onSettled: () => void): Promise<void> {
    const room = AT_ONCE - this.onTheirWay.size;
    if (room <= 0 || this.isStopping) return;
    const due = await this.deliveries.listDue(this.clock.now(), this.except(), room);
    let isSkipped = false;
    for (const delivery of due) {
      if (this.countOf(delivery.clientId) >= AT_ONCE_FOR_A_USER) isSkipped = true;
      else this.setOff(delivery, onSettled);
    }
    // Others' messages may lie behind those of a user who has many.
    if (isSkipped) return this.sendDue(onSettled);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.http.close();
    await Promise.all(this.onTheirWay.values());
  }

  private except(): { clientIds: string[]; ids: string[] } {
    const underWay = [...this.onTheirWay.keys()];
    const clientIds = [...new Set(underWay.map(({ clientId }) => clientId))];
    return {
      clientIds: clientIds.filter((clientId) => this.countOf(clientId) >= AT_ONCE_FOR_A_USER),
      ids: underWay.map(({ id }) => id),
    };
  }

  private countOf(clientId: string): number {
    return [...this.onTheirWay.keys()].filter((delivery) => delivery.clientId === clientId).length;
  }

  private setOff(delivery: DueDelivery, onSettled: () => void): void {
    // A failure of the database leaves the row as it is claimed: its next try comes by itself.
    const work = this.deliver(delivery).catch(() => undefined);
    this.onTheirWay.set(delivery, work);
    void work.then(() => {
      this.onTheirWay.delete(delivery);
      onSettled();
    });
  }

  private async deliver(delivery: DueDelivery): Promise<void> {
    const attempt = delivery.attemptCount + 1;
    // As if this try should fail without a word: no other process begins the next one before this one must be over.
    const next = this.pauseAfter(attempt, this.settings.timeoutMs);
    if (!(await this.deliveries.claim(delivery, this.clock.now(), next))) return;
    const outcome = await this.tryOnce(delivery);
    if (outcome.isDelivered) killPoint('webhook.sent');
    // Cut off by our own stop: it is as if this process had died.
    if (this.isStopping && !outcome.isDelivered) return;
    const isGivenUp = outcome.isFinal || attempt > this.settings.retrySeconds.length;
    const now = this.clock.now();
    await this.deliveries.settle(delivery.id, attempt, {
      deliveredAt: outcome.isDelivered ? now : null,
      failedAt: !outcome.isDelivered && isGivenUp ? now : null,
      nextAttemptAt: outcome.isDelivered || isGivenUp ? null : this.pauseAfter(attempt, 0),
      lastStatus: outcome.status,
      lastError: outcome.error?.slice(0, 2_000) ?? null,
    });
  }

  private async tryOnce({
    deliveryId,
    clientId,
    url,
    payload,
    webhookSecret,
    attemptCount,
  }: DueDelivery): Promise<Try> {
    const refused = { isDelivered: false, isFinal: true, status: null };
    if (webhookSecret === null) return { ...refused, error: 'The webhook was removed.' };
    if (attemptCount > this.settings.retrySeconds.length) return { ...refused, error: 'The last try had no end.' };
    const body = JSON.stringify(payload);
    const timestamp = Math.floor(this.clock.now().getTime() / 1_000);
    try {
      const secret = this.box.open(webhookSecret, webhookPurpose(clientId));
      const headers = signWebhook({ id: deliveryId, timestamp, body }, secret);
      return judge(await this.http.post(url, body, headers));
    } catch (error) {
      if (error instanceof HostRefusedError)
        this.logger.warn({ err: error, clientId, deliveryId }, 'webhook host refused');
      return { isDelivered: false, status: null, error: describe(error) };
    }
  }

  private pauseAfter(attempt: number, atLeastMs: number): Date {
    const { retrySeconds } = this.settings;
    const seconds = retrySeconds[Math.min(attempt, retrySeconds.length) - 1]!;
    const pauseMs = seconds * 1_000 * (1 - JITTER + 2 * JITTER * Math.random());
    return new Date(this.clock.now().getTime() + atLeastMs + pauseMs);
  }
}

function judge({ status, text }: PostOutcome): Try {
  if (status >= 200 && status < 300) return { isDelivered: true, status, error: null };
  const note = status >= 300 && status < 400 ? 'Redirects are not followed. ' : '';
  // 410 Gone is how a receiver says that it wants no more of this.
  return { isDelivered: false, isFinal: status === 410, status, error: `${note}It answered ${status}: ${text}` };
}

/** What went wrong, without the address: it may hold a token of the user's. */
function describe(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError') return 'No answer came in time.';
  return message || code || 'The connection failed.';
}
