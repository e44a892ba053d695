import { Entity } from 'typeorm';
import { OutboxColumns } from '../../database/index.js';

/** Announces published workflows to the other databases. */
@Entity('outbox')
export class AdminOutboxEvent extends OutboxColumns {}
