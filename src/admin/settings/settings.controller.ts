import { Body, Controller, Delete, Get, Param, Put, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { AdminPageQuery } from '../admin-page.query.js';
import { SettingHistoryView, SettingListView, SettingView } from './setting.view.js';
import { ChangeSettingDto } from './settings.dto.js';
import { SettingsService } from './settings.service.js';

/** Settings that count within seconds in every process. All others stand in config.yaml and the environment. */
@ApiTags('settings')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Controller('api/admin/config')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @Needs('settings.read')
  @ApiOperation({ summary: 'All settings that may change while the system runs, with value, default and range' })
  @ApiOkResponse({ type: SettingListView })
  list(): Promise<SettingListView> {
    return this.settings.list();
  }

  @Get(':key')
  @Needs('settings.read')
  @ApiOkResponse({ type: SettingView })
  @ApiNotFoundResponse({ description: 'No such setting, or one of the file alone.' })
  get(@Param('key') key: string): Promise<SettingView> {
    return this.settings.get(key);
  }

  @Put(':key')
  @Needs('settings.change')
  @ApiOperation({ summary: 'Change a setting; every process takes it over within seconds' })
  @ApiOkResponse({ type: SettingView })
  @ApiConflictResponse({ description: 'Somebody else changed it first.' })
  @ApiUnprocessableEntityResponse({ description: 'Not of its type, or out of its range.' })
  change(@Param('key') key: string, @Body() change: ChangeSettingDto): Promise<SettingView> {
    return this.settings.change(key, change.value, change.expected_version);
  }

  @Delete(':key')
  @Needs('settings.change')
  @ApiOperation({ summary: 'Back to what the file says' })
  @ApiOkResponse({ type: SettingView })
  reset(@Param('key') key: string): Promise<SettingView> {
    return this.settings.reset(key);
  }

  @Get(':key/history')
  @Needs('settings.read')
  @ApiOperation({ summary: 'Who changed it when, from what to what; the latest first' })
  @ApiOkResponse({ type: SettingHistoryView })
  getHistory(@Param('key') key: string, @Query() { limit, offset }: AdminPageQuery): Promise<SettingHistoryView> {
    return this.settings.getHistory(key, limit, offset);
  }
}
