import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { AuditReadsService } from './audit-reads.service.js';
import { AuditEntryView, AuditListView } from './audit.view.js';
import { ListAuditQuery } from './list-audit.query.js';

/** Who did what to what, from where. */
@ApiTags('audit log')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Needs('audit.read')
@Controller('api/admin/audit')
export class AuditController {
  constructor(private readonly audit: AuditReadsService) {}

  @Get()
  @ApiOperation({ summary: 'The audit log, the newest first' })
  @ApiOkResponse({ type: AuditListView })
  list(@Query() query: ListAuditQuery): Promise<AuditListView> {
    return this.audit.list(query);
  }

  @Get(':entryId')
  @ApiOperation({ summary: 'One entry of the audit log' })
  @ApiOkResponse({ type: AuditEntryView })
  @ApiNotFoundResponse({ description: 'No such entry (any more).' })
  get(@Param('entryId') entryId: string): Promise<AuditEntryView> {
    return this.audit.get(entryId);
  }
}
