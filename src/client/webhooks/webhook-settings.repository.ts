import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

export interface WebhookSettings {
  url: string | null;
  /** Sealed. */
  secret: string | null;
}

/** SQL of where users want to be told, and what their messages are signed with. */
@Injectable()
export class WebhookSettingsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async get(clientId: string): Promise<WebhookSettings> {
    const [settings] = await this.database.rows<WebhookSettings>(
      'SELECT webhook_url AS url, webhook_secret AS secret FROM client_users WHERE client_id = ?',
      [clientId],
    );
    return settings ?? { url: null, secret: null };
  }

  async setUrl(clientId: string, url: string | null): Promise<void> {
    await this.database.run('UPDATE client_users SET webhook_url = ? WHERE client_id = ?', [url, clientId]);
  }

  /** Puts a secret in the place of the one that the caller saw there; false where another call was first. */
  async replaceSecret(clientId: string, before: string | null, secret: string | null): Promise<boolean> {
    const changed = await this.database.run(
      'UPDATE client_users SET webhook_secret = ? WHERE client_id = ? AND webhook_secret <=> ?',
      [secret, clientId, before],
    );
    return changed === 1;
  }

  async remove(clientId: string): Promise<void> {
    await this.database.run('UPDATE client_users SET webhook_url = NULL, webhook_secret = NULL WHERE client_id = ?', [
      clientId,
    ]);
  }
}
