import { Inject, Injectable } from '@nestjs/common';
import { ConflictError, findAddressProblem, InvalidInputError, SecretBox } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { SetWebhookDto, WebhookSetView, WebhookView } from './set-webhook.dto.js';
import { makeWebhookSecret } from './sign-webhook.js';
import { WebhookSettingsRepository } from './webhook-settings.repository.js';

/** What a user's secret is sealed for. */
export const webhookPurpose = (clientId: string) => `webhook:${clientId}`;

/** Where users want to hear of the end of their tasks. */
@Injectable()
export class WebhookSettingsService {
  private readonly settings: Settings['webhooks'];
  private readonly box: SecretBox;

  constructor(
    private readonly webhooks: WebhookSettingsRepository,
    @Inject(SETTINGS) { webhooks: settings, secrets }: Settings,
  ) {
    this.settings = settings;
    this.box = new SecretBox(secrets.encryptionKey);
  }

  async get(clientId: string): Promise<WebhookView> {
    const { url, secret } = await this.webhooks.get(clientId);
    return { url, has_secret: secret !== null };
  }

  /** Makes a secret where there is none yet, or a new one is wished; it is never shown again. */
  async set(clientId: string, { url = null, rotate_secret: isRotated }: SetWebhookDto): Promise<WebhookSetView> {
    if (url !== null) this.check('url', url);
    const before = await this.webhooks.get(clientId);
    const secret = before.secret === null || isRotated ? makeWebhookSecret() : null;
    if (secret !== null) {
      const sealed = this.box.seal(secret, webhookPurpose(clientId));
      if (!(await this.webhooks.replaceSecret(clientId, before.secret, sealed))) {
        throw new ConflictError('The secret was changed by another request just now; try again.', 'SECRET_CHANGED');
      }
    }
    await this.webhooks.setUrl(clientId, url);
    return { url, has_secret: true, secret };
  }

  /** Nothing is told any more, not even what is waiting to be sent. */
  async remove(clientId: string): Promise<{ message: string }> {
    await this.webhooks.remove(clientId);
    return { message: 'Nothing will be sent any more.' };
  }

  /** Throws 422 for an address that cannot be told, or where there is no secret yet to sign with. */
  async checkTaskUrl(clientId: string, url: string): Promise<void> {
    this.check('webhook_url', url);
    const { secret } = await this.webhooks.get(clientId);
    if (secret !== null) return;
    const message = 'webhook_url needs a secret to sign with; PUT /api/v2/webhooks once, it answers with one.';
    throw new InvalidInputError([{ field: 'webhook_url', message }], 'NO_WEBHOOK_SECRET');
  }

  private check(field: string, url: string): void {
    const problem = findAddressProblem(url, this.settings);
    if (problem) throw new InvalidInputError([{ field, message: `${field} ${problem}` }]);
  }
}
