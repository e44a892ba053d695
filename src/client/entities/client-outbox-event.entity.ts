import { Entity } from 'typeorm';
import { OutboxColumns } from '../../database/index.js';

/** Announces wishes of users to the other databases. */
@Entity('outbox')
export class ClientOutboxEvent extends OutboxColumns {}
