import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../common/index.js';
import { ClientGuard } from '../auth/client.guard.js';
import { Client, type CurrentClient } from '../auth/current-client.js';
import { SetWebhookDto, WebhookSetView, WebhookView } from './set-webhook.dto.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { DeliveryListView, DeliveryView } from './webhook-delivery.view.js';
import { WebhookSettingsService } from './webhook-settings.service.js';

/** Messages about the signed-in user's ended tasks, to an address of theirs. */
@ApiTags('webhooks')
@ApiBearerAuth()
@UseGuards(ClientGuard)
@Controller('api/v2/webhooks')
export class WebhooksController {
  constructor(
    private readonly settings: WebhookSettingsService,
    private readonly deliveries: WebhookDeliveriesService,
  ) {}

  @Get()
  @ApiOkResponse({ type: WebhookView })
  get(@Client() client: CurrentClient): Promise<WebhookView> {
    return this.settings.get(client.clientId);
  }

  @Put()
  @ApiOperation({
    summary: 'Say where to; the answer shows the secret, once',
    description:
      'Messages are `task.completed`, `task.failed` and `task.cancelled`, signed as standardwebhooks.com says: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. ' +
      'Answer 2xx within ten seconds; otherwise it is tried again for some hours. The same `webhook-id` may arrive twice: it is the same message.',
  })
  @ApiOkResponse({ type: WebhookSetView })
  set(@Client() client: CurrentClient, @Body() request: SetWebhookDto): Promise<WebhookSetView> {
    return this.settings.set(client.clientId, request);
  }

  @Delete()
  @ApiOkResponse({ schema: { example: { message: 'Nothing will be sent any more.' } } })
  remove(@Client() client: CurrentClient): Promise<{ message: string }> {
    return this.settings.remove(client.clientId);
  }

  @Get('deliveries')
  @ApiOkResponse({ type: DeliveryListView })
  listDeliveries(@Client() client: CurrentClient, @Query() query: PageQuery): Promise<DeliveryListView> {
    return this.deliveries.list(client.clientId, query);
  }

  @Post('deliveries/:deliveryId/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send a message again' })
  @ApiOkResponse({ type: DeliveryView })
  replay(@Client() client: CurrentClient, @Param('deliveryId') deliveryId: string): Promise<DeliveryView> {
    return this.deliveries.replay(client.clientId, deliveryId);
  }
}
