import { Body, Controller, Get, Param, Patch, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { ChangeModelDto, ListModelsQuery } from './model.dto.js';
import { ModelListView, ModelView } from './model.view.js';
import { ModelsService } from './models.service.js';

/** Model files on the nodes. */
@ApiTags('models')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Needs('models.read')
  @ApiOperation({
    summary: 'Models with the nodes that have them, those that lack them, and the workflows that name them',
  })
  @ApiOkResponse({ type: ModelListView })
  list(@Query() query: ListModelsQuery): Promise<ModelListView> {
    return this.models.list(query);
  }

  @Patch(':id')
  @Needs('models.change')
  @ApiOperation({ summary: 'Say something about a model' })
  @ApiOkResponse({ type: ModelView })
  @ApiNotFoundResponse({ description: 'No such model.' })
  @ApiConflictResponse({ description: 'Somebody else changed it since it was read.' })
  change(@Param('id') id: string, @Body() change: ChangeModelDto): Promise<ModelView> {
    return this.models.change(id, change);
  }
}
