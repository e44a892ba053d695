export {
  AssignmentsRepository,
  nodeLeaseName,
  type NodeFence,
  type OpenAssignment,
} from './assignments/assignments.repository.js';
export { NodeAttemptsRepository, type NodeAttempt } from './assignments/node-attempts.repository.js';
export { PromptMarksRepository, type PromptTimes } from './assignments/prompt-marks.repository.js';
export { RunTimesRepository } from './assignments/run-times.repository.js';
export { ClaimsService, type PlannedClaim } from './assignments/claims.service.js';
export type { AttemptFailure, SettleOutcome } from './assignments/settle-verdict.js';
export { SettlementsService } from './assignments/settlements.service.js';
export { TaskParametersRepository } from './assignments/task-parameters.repository.js';
export { BlobKeeper } from './files/blob-keeper.js';
export { BlobSweepService, type SweepOptions, type SweepResult } from './files/blob-sweep.service.js';
export { BlobsRepository, type PinnedBlob } from './files/blobs.repository.js';
export type { HarvestedFile } from './files/results.repository.js';
export { RenditionsService, RENDITION_VARIANTS, type RenditionVariant } from './files/renditions.service.js';
export {
  StoredFilesRepository,
  type DayOfFiles,
  type StoredFile,
  type StoredFileFilter,
  type StoredFileKind,
  type StoredFileType,
} from './files/stored-files.repository.js';
export { UploadedFilesService } from './files/uploaded-files.service.js';
export type { UploadedFile } from './files/uploaded-files.repository.js';
export { InstallationService } from './installation.service.js';
export {
  DeadLettersRepository,
  type DeadLetter,
  type DeadLetterAttempt,
  type DeadLetterFilter,
} from './tasks/dead-letters.repository.js';
export { RELATIVE_ERROR } from './statistics/histogram.js';
export {
  DAY_MS,
  dayOf,
  HOUR_MS,
  readMoment,
  startOf,
  widen,
  type Interval,
  type TimeRange,
} from './statistics/statistics-range.js';
export type { BucketCounts, StatisticsFilter, StoredDay } from './statistics/statistics-reads.repository.js';
export { StatisticsService, type Counted } from './statistics/statistics.service.js';
export {
  TaskStatisticsService,
  type Durations,
  type GroupStatistics,
  type Times,
} from './statistics/task-statistics.service.js';
export type { UserUse } from './statistics/user-statistics.repository.js';
export { SharedModule } from './shared.module.js';
export { GlobalTasksService, type RunnableTask } from './tasks/global-tasks.service.js';
export type { TaskFilter, TaskOrder } from './tasks/task-search.js';
export type { GlobalTaskSummary } from './tasks/task-search.repository.js';
export { TaskSearchService, type FoundTasks, type TaskQuestion } from './tasks/task-search.service.js';
export {
  TaskRecordsRepository,
  type AnnouncedState,
  type AttemptRecord,
  type RecordedResult,
  type TaskRecord,
} from './tasks/task-records.repository.js';
export { TaskPrioritiesRepository } from './tasks/task-priorities.repository.js';
export {
  rangeDigestColumns,
  taskDigestColumns,
  toRangeDigest,
  toTaskDigest,
  type RangeDigest,
  type TaskDigest,
  type TaskDigestRow,
  type TaskRange,
} from './tasks/task-digest.js';
export { AbandonedWorkRepository, type AbandonedAttempt } from './assignments/abandoned-work.repository.js';
export type { GlobalTaskDigest } from './tasks/task-digests.repository.js';
export { TaskDigestsService } from './tasks/task-digests.service.js';
export { ModelUsesRepository, type ModelUse } from './tasks/model-uses.repository.js';
export type { EndedTask, LeaseState, WaitingTasks } from './tasks/queue-figures.repository.js';
export { QueueFiguresService } from './tasks/queue-figures.service.js';
export { QueuePlacesRepository, type QueuePlace } from './tasks/queue-places.repository.js';
export { QueueRepository, type QueueClass, type QueuedTask, type RunningTask } from './tasks/queue.repository.js';
export {
  TASK_CHANGED,
  TASK_WISHED,
  type ParameterType,
  type ResultType,
  type TaskParameter,
  type AttemptProgress,
  type TaskProgress,
  type TaskResult,
  type TaskState,
  type TaskType,
  type TaskWish,
} from './tasks/task-events.js';
export { isNewer, isTerminal, TASK_STATUSES, type TaskStatus, type TaskVersion } from './tasks/task-state.js';
export { TaskWishesService } from './tasks/task-wishes.service.js';
export {
  PICTURE_PARAMETER,
  WORKFLOW_PUBLISHED,
  type GraphNode,
  type PromptGraph,
  type PublishedWorkflow,
  type WorkflowDefinition,
  type WorkflowParameterDefinition,
} from './workflows/workflow-definition.js';
export {
  findMissing,
  findModel,
  isModelFile,
  listMissing,
  requirementOf,
  type Capabilities,
  type Requirement,
} from './workflows/capabilities.js';
export { findTypeProblem, findValueProblem } from './workflows/parameter-values.js';
export { WorkflowVersionsService, type WorkflowVersionRecord } from './workflows/workflow-versions.service.js';
export { ForgottenTasksService, type ForgottenStep } from './tasks/forgotten-tasks.service.js';
