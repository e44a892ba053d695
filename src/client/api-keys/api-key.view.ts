import { ApiProperty } from '@nestjs/swagger';
import { SCOPE_NAMES, type Scope } from '../auth/scopes.js';
import type { ApiKeyRecord } from './api-keys.repository.js';

/** A key as its owner sees it later: without the key. */
export class ApiKeyView {
  @ApiProperty({ type: String, example: '0b3c1c1e-6f55-4f6c-9a3f-0c4f8a3d2b11' }) key_id: string;
  @ApiProperty({ type: String, example: 'nightly batch' }) name: string;
  @ApiProperty({ type: String, example: 'cws_Zk3v9QxA', description: 'The first characters of the key.' })
  prefix: string;
  @ApiProperty({ enum: SCOPE_NAMES, isArray: true, example: ['tasks:read', 'tasks:write'] }) scopes: Scope[];
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) created_at: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-23T06:30:00.000Z',
    description: 'To the minute.',
  })
  last_used_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-11-22T10:00:00.000Z' }) expires_at:
    string | null;
}

/** A key just made. */
export class NewApiKeyView extends ApiKeyView {
  @ApiProperty({
    type: String,
    example: 'cws_Zk3v9QxA1mPq0s7tUvWxYz2b4d6f8h0jKlMnOpQrStU',
    description: 'The key itself: shown this once and never again.',
  })
  api_key: string;
}

/** All keys of a user. */
export class ApiKeyListView {
  @ApiProperty({ type: [ApiKeyView] }) api_keys: ApiKeyView[];
  @ApiProperty({ type: 'integer', example: 1 }) total: number;
}

export function toApiKeyView(key: ApiKeyRecord): ApiKeyView {
  return {
    key_id: key.keyId,
    name: key.name,
    prefix: key.keyPrefix,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
  };
}
