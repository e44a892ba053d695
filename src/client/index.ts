export { ClientAuthService } from './auth/client-auth.service.js';
export { ClientGuard } from './auth/client.guard.js';
export { ClientUsersService, type CreatedUser, type NewUser } from './auth/client-users.service.js';
export { Client, type CurrentClient } from './auth/current-client.js';
export { ClientModule } from './client.module.js';
export { TaskStatesService } from './tasks/task-states.service.js';
export { UploadsService } from './uploads/uploads.service.js';
export { ClientWorkflowsService } from './workflows/client-workflows.service.js';
