import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, UpdatedAt } from '../../database/index.js';

const CONFIG_TYPES = ['string', 'int', 'float', 'boolean', 'json'] as const;

/** A setting that is changed while the system runs. */
@Entity('system_configs')
@Index('uq_system_configs_config_key', ['configKey'], { unique: true })
@Index('ix_system_configs_is_public', ['isPublic'])
export class SystemConfig {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('varchar', { length: 100 }) configKey: string;
  @Column('text', { nullable: true }) configValue: string | null;
  @Column('enum', { enum: CONFIG_TYPES, default: 'string' }) configType: (typeof CONFIG_TYPES)[number];
  @Column('text', { nullable: true }) description: string | null;
  @Column('boolean', { default: false }) isPublic: boolean;
  @CreatedAt() createdAt: Date;
  @UpdatedAt() updatedAt: Date;
  @Column('int', { default: 1 }) revision: number;
  @Column('varchar', { length: 100, nullable: true }) updatedBy: string | null;
}
