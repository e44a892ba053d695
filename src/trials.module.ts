import { Global, Module } from '@nestjs/common';
import { TRIALS } from './admin/index.js';
import { DispatchModule, WorkflowTrials } from './dispatch/index.js';

/** Lets admins try workflows on nodes: the admin side may not know who drives them. */
@Global()
@Module({
  imports: [DispatchModule],
  providers: [{ provide: TRIALS, useExisting: WorkflowTrials }],
  exports: [TRIALS],
})
export class TrialsModule {}
