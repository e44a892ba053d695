import { ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '../../common/index.js';

/** Which part of a list on the admin's side; 20 entries where nothing is said. */
export class AccountPageQuery extends PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  override limit: number = 20;
}
