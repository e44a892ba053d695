import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

/** The task to run again. */
export class ReloadTaskDto {
  @ApiProperty({ type: String, example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  @IsString({ message: 'task_id must be a text' })
  @Length(1, 36, { message: 'task_id must hold 1 to 36 characters' })
  task_id: string;
}
