import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString } from 'class-validator';

/** Where all ended tasks are told. */
export class SetWebhookDto {
  /** Null: only tasks that name an address of their own are told. */
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 500, example: 'https://example.org/hook' })
  @IsOptional()
  @IsString()
  url?: string | null;

  /** Makes a new secret; the one before counts no more. */
  @ApiPropertyOptional({ type: Boolean, default: false })
  @IsOptional()
  @IsBoolean()
  rotate_secret?: boolean;
}

export class WebhookView {
  @ApiProperty({ type: String, nullable: true, example: 'https://example.org/hook' }) url: string | null;
  @ApiProperty({ type: Boolean, example: true }) has_secret: boolean;
}

export class WebhookSetView extends WebhookView {
  /** Shown this once, where it was made; messages are signed with it. */
  @ApiProperty({ type: String, nullable: true, example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
  secret: string | null;
}
