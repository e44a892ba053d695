import { Injectable } from '@nestjs/common';
import { Clock, newId, NotFoundError, type PageQuery } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { toDeliveryView, toMessage, type DeliveryListView, type DeliveryView } from './webhook-delivery.view.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';

/** The outbox of messages to users' addresses, and its log for them to read. */
@Injectable()
export class WebhookDeliveriesService {
  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Within the transaction that ended these tasks: either both are there, or neither. Returns how many will be told. */
  async announce(transaction: Executor, taskRowIds: string[]): Promise<number> {
    if (taskRowIds.length === 0) return 0;
    const tasks = await this.deliveries.listAnnounced(transaction, taskRowIds);
    if (tasks.length === 0) return 0;
    const now = this.clock.now();
    const messages = tasks.map((task) => {
      const { taskId, clientId, runNo, url } = task;
      const event = `task.${task.status}`;
      return { deliveryId: newId(), clientId, taskId, runNo, event, url, payload: toMessage(task, event, now) };
    });
    await this.deliveries.insert(transaction, messages, now);
    return messages.length;
  }

  async list(clientId: string, { limit, offset }: PageQuery): Promise<DeliveryListView> {
    const { items, total } = await this.deliveries.list(clientId, { limit, offset });
    return { deliveries: items.map(toDeliveryView), total, limit, offset };
  }

  /** Sends a message again, whatever became of it, with as many tries as a new one. */
  async replay(clientId: string, deliveryId: string): Promise<DeliveryView> {
    await this.deliveries.reopen(clientId, deliveryId, this.clock.now());
    const delivery = await this.deliveries.find(clientId, deliveryId);
    if (!delivery) throw new NotFoundError('There is no such delivery.', 'DELIVERY_NOT_FOUND');
    this.signals.emit('client.webhooks');
    return toDeliveryView(delivery);
  }
}
