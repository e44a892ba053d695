import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClientGuard } from '../auth/client.guard.js';
import { Client, type CurrentClient } from '../auth/current-client.js';
import { ApiKeyListView, NewApiKeyView } from './api-key.view.js';
import { ApiKeysService } from './api-keys.service.js';
import { CreateApiKeyDto } from './create-api-key.dto.js';

/** The API keys of the signed-in user; a key can neither see nor make keys. */
@ApiTags('api keys')
@ApiBearerAuth()
@UseGuards(ClientGuard)
@Controller('api/v2/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Make a key for scripts; sent as `Authorization: Bearer cws_…` or as `x-api-key`' })
  @ApiOkResponse({ type: NewApiKeyView })
  create(@Client() { clientId }: CurrentClient, @Body() key: CreateApiKeyDto) {
    return this.keys.create(clientId, key);
  }

  @Get()
  @ApiOperation({ summary: 'Your keys, the newest first, without those that were revoked' })
  @ApiOkResponse({ type: ApiKeyListView })
  list(@Client() { clientId }: CurrentClient) {
    return this.keys.list(clientId);
  }

  @Delete(':keyId')
  @ApiOperation({ summary: 'Revoke a key; it and its tokens end at once' })
  @ApiOkResponse({
    schema: { example: { message: 'The API key is revoked.', key_id: '0b3c1c1e-6f55-4f6c-9a3f-0c4f8a3d2b11' } },
  })
  revoke(@Client() { clientId }: CurrentClient, @Param('keyId') keyId: string) {
    return this.keys.revoke(clientId, keyId);
  }
}
