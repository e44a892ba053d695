import { ApiProperty } from '@nestjs/swagger';

/** A7: whether a node answers. */
export class NodeProbeView {
  @ApiProperty({ example: true })
  success: boolean;

  @ApiProperty({ type: String, nullable: true, example: '0.3.64' })
  version: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error: string | null;
}
