import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AccessTokens, Clock, ConflictError, NotFoundError, UnauthorizedError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { CurrentClient } from '../auth/current-client.js';
import { toApiKeyView, type ApiKeyView, type NewApiKeyView } from './api-key.view.js';
import { ApiKeyUses } from './api-key-uses.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import type { CreateApiKeyDto } from './create-api-key.dto.js';

/** Tells our keys from tokens, and lets scanners of published code find one that leaked. */
const PREFIX = 'cws_';
/** Of the key, what lists show: the prefix and eight random characters. */
const SHOWN_CHARACTERS = PREFIX.length + 8;
const MOST_KEYS = 50;
/** A token for a key is asked for again when it ends, so it need not hold long. */
const TOKEN_MS = 3_600_000;

export interface KeyTokenView {
  access_token: string;
  token_type: 'bearer';
  /** Seconds. */
  expires_in: number;
  scope: string;
}

/** Keys by which scripts come in a user's name, each with scopes of its own, shown once and stored as a hash. */
@Injectable()
export class ApiKeysService {
  private readonly tokens: AccessTokens;

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly uses: ApiKeyUses,
    private readonly clock: Clock,
    @Inject(SETTINGS) { secrets }: Settings,
  ) {
    this.tokens = new AccessTokens({
      signingKey: secrets.signingKey,
      audience: 'client-key',
      lifetimeMs: TOKEN_MS,
      clock,
    });
  }

  /** The only answer that holds the key itself. */
  async create(clientId: string, { name, scopes, expires_in_days: days }: CreateApiKeyDto): Promise<NewApiKeyView> {
    const createdAt = this.clock.now();
    // 256 random bits: no salt and no slow hash are needed to keep the stored hash from being guessed.
    const apiKey = PREFIX + randomBytes(32).toString('base64url');
    const key = {
      keyId: randomUUID(),
      clientId,
      name,
      keyPrefix: apiKey.slice(0, SHOWN_CHARACTERS),
      scopes: [...new Set(scopes)],
      createdAt,
      lastUsedAt: null,
      expiresAt: days ? new Date(createdAt.getTime() + days * 86_400_000) : null,
    };
    if (!(await this.keys.insert({ ...key, keyHash: hashOf(apiKey) }, MOST_KEYS))) {
      throw new ConflictError(`You have ${MOST_KEYS} API keys; delete one that is not used.`, 'TOO_MANY_API_KEYS');
    }
    return { ...toApiKeyView(key), api_key: apiKey };
  }

  async list(clientId: string): Promise<{ api_keys: ApiKeyView[]; total: number }> {
    const keys = await this.keys.list(clientId);
    return { api_keys: keys.map(toApiKeyView), total: keys.length };
  }

  /** Ends the key and the tokens that were got with it. */
  async revoke(clientId: string, keyId: string): Promise<{ message: string; key_id: string }> {
    if (!(await this.keys.revoke(clientId, keyId, this.clock.now()))) {
      throw new NotFoundError('There is no such API key.', 'API_KEY_NOT_FOUND');
    }
    return { message: 'The API key is revoked.', key_id: keyId };
  }

  isKey(credential: string): boolean {
    return credential.startsWith(PREFIX);
  }

  async authenticateKey(apiKey: string): Promise<CurrentClient> {
    const client = await this.keys.findByHash(hashOf(apiKey), this.clock.now());
    if (!client) throw new UnauthorizedError('This API key is unknown, revoked or expired.', 'INVALID_API_KEY');
    this.uses.note(client.sessionId);
    return client;
  }

  /** Undefined where the token is none of those that keys are exchanged for. */
  async authenticateToken(token: string): Promise<CurrentClient | undefined> {
    const claims = this.tokens.read(token);
    if (!claims) return undefined;
    const client = await this.keys.findById(claims.sessionId, claims.subject, this.clock.now());
    if (!client) throw new UnauthorizedError('The API key of this token was revoked or expired.', 'INVALID_API_KEY');
    this.uses.note(client.sessionId);
    return client;
  }

  /** A token of an hour for a key, with the key's scopes; it ends with the key. */
  async exchange(clientId: string, clientSecret: string): Promise<KeyTokenView> {
    const client = await this.keys.findByHash(hashOf(clientSecret), this.clock.now());
    if (!client || client.clientId !== clientId) {
      throw new UnauthorizedError('The client id or the client secret is wrong.', 'INVALID_CLIENT');
    }
    this.uses.note(client.sessionId);
    return {
      access_token: this.tokens.sign({ subject: clientId, sessionId: client.sessionId }, this.tokens.expiry()),
      token_type: 'bearer',
      expires_in: TOKEN_MS / 1_000,
      scope: (client.scopes ?? []).join(' '),
    };
  }
}

function hashOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}
