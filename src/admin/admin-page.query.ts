import { ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '../common/index.js';

/** As other lists, but shorter where nothing is said: a row here holds more. */
export class AdminPageQuery extends PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  override limit: number = 20;
}
