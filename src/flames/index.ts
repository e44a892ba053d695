export { FLAMES_ADMINS, type FlamesAdmin, type FlamesAdmins, type FlamesRole } from './auth/flames-admins.js';
export { DatasetsService, type ImportedDataset } from './datasets/datasets.service.js';
export { FlamesModule } from './flames.module.js';
export { FlamesTasksService } from './tasks/flames-tasks.service.js';
