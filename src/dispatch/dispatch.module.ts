import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AdminModule } from '../admin/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { SharedModule } from '../shared/index.js';
import { COMFYUI_CONNECTOR } from './comfyui/comfyui-client.js';
import { HttpConnector } from './comfyui/http-connector.js';
import { BreakersService } from './health/breakers.service.js';
import { NodeHealthController } from './health/node-health.controller.js';
import { NodeProbeService } from './health/node-probe.service.js';
import { WorkflowTrials } from './health/workflow-trials.js';
import { Needs } from './scheduling/needs.js';
import { Scheduler } from './scheduling/scheduler.js';
import { TaskExplanations } from './scheduling/task-explanations.service.js';
import { CapableNodes } from './sessions/capable-nodes.js';
import { Fleet } from './sessions/fleet.js';
import { GiveAways } from './sessions/give-aways.js';
import { Harvester } from './sessions/harvester.js';
import { LearnedLimits } from './sessions/learned-limits.js';
import { LoadBoard } from './sessions/load-board.js';
import { ProgressBoard } from './sessions/progress-board.js';
import { Recalls } from './sessions/recalls.js';
import { SessionServices } from './sessions/session-services.js';

/** Starts scheduling and driving nodes where this process has the role, and stops in the opposite order. */
@Injectable()
class DispatchLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly fleet: Fleet,
    private readonly breakers: BreakersService,
    private readonly progress: ProgressBoard,
    private readonly loads: LoadBoard,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.server.roles.includes('dispatch')) return;
    this.progress.start();
    this.loads.start();
    this.fleet.start();
    this.scheduler.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.scheduler.stop();
    await this.fleet.stop();
    await this.breakers.stop();
    await this.progress.stop();
    await this.loads.stop();
  }
}

/** From the queue to a node and back: scheduler, node sessions, harvest. Owns no tables. */
@Module({
  imports: [SharedModule, AdminModule],
  controllers: [NodeHealthController],
  providers: [
    BreakersService,
    CapableNodes,
    DispatchLifecycle,
    Fleet,
    GiveAways,
    Harvester,
    LearnedLimits,
    LoadBoard,
    Needs,
    NodeProbeService,
    ProgressBoard,
    Recalls,
    Scheduler,
    SessionServices,
    TaskExplanations,
    WorkflowTrials,
    { provide: COMFYUI_CONNECTOR, useClass: HttpConnector },
  ],
  exports: [TaskExplanations, WorkflowTrials],
})
export class DispatchModule {}
