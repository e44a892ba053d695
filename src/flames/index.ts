export { FLAMES_ADMINS, type FlamesAdmin, type FlamesAdmins, type FlamesRole } from './auth/flames-admins.js';
export { DatasetsService, type ImportedDataset } from './datasets/datasets.service.js';
export { MigrateFilesService, type MigratedTask } from './legacy/migrate-files.service.js';
export { RetentionService } from './logs/retention.service.js';
export { SpoolDrainService } from './logs/spool-drain.service.js';
export type { TaskLog } from './logs/task-log.js';
export { TaskLogsService } from './logs/task-logs.service.js';
export { FlamesModule } from './flames.module.js';
export { FlamesTasksService } from './tasks/flames-tasks.service.js';
