import { CreateDateColumn, UpdateDateColumn } from 'typeorm';

// TypeORM's own default holds microseconds, whatever the column's precision is.
const NOW = 'CURRENT_TIMESTAMP(3)';

/** `created_at`, set by the server. */
export const CreatedAt = () => CreateDateColumn({ precision: 3, default: () => NOW });

/** `updated_at`, set by the server on every change of the row. */
export const UpdatedAt = () => UpdateDateColumn({ precision: 3, default: () => NOW, onUpdate: NOW });
