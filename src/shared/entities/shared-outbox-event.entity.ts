import { Entity } from 'typeorm';
import { OutboxColumns } from '../../database/index.js';

/** Announces states of executions to the other databases. */
@Entity('outbox')
export class SharedOutboxEvent extends OutboxColumns {}
