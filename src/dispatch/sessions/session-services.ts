import { Inject, Injectable } from '@nestjs/common';
import { NodesService } from '../../admin/index.js';
import { Clock, LOGGER, Metrics, Traces, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import {
  AssignmentsRepository,
  InstallationService,
  PromptMarksRepository,
  SettlementsService,
  TaskParametersRepository,
  WorkflowVersionsService,
} from '../../shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { COMFYUI_CONNECTOR, type ComfyUiConnector } from '../comfyui/comfyui-client.js';
import { BreakersService } from '../health/breakers.service.js';
import { CapableNodes } from './capable-nodes.js';
import { Harvester } from './harvester.js';
import { LearnedLimits } from './learned-limits.js';
import { LoadBoard } from './load-board.js';
import { ProgressBoard } from './progress-board.js';

/** What every node session works with; sessions come and go, these stay. */
@Injectable()
export class SessionServices {
  constructor(
    @Inject(COMFYUI_CONNECTOR) readonly connector: ComfyUiConnector,
    readonly nodes: NodesService,
    readonly breakers: BreakersService,
    readonly assignments: AssignmentsRepository,
    readonly settlements: SettlementsService,
    readonly marks: PromptMarksRepository,
    readonly parameters: TaskParametersRepository,
    readonly workflows: WorkflowVersionsService,
    readonly capable: CapableNodes,
    readonly limits: LearnedLimits,
    readonly harvester: Harvester,
    @Inject(BLOB_STORE) readonly store: BlobStore,
    readonly installation: InstallationService,
    readonly progress: ProgressBoard,
    readonly loads: LoadBoard,
    readonly signals: Signals,
    readonly clock: Clock,
    readonly metrics: Metrics,
    readonly traces: Traces,
    @Inject(LOGGER) readonly logger: Logger,
    @Inject(SETTINGS) readonly settings: Settings,
  ) {}
}
