export { Reconciler, type ReconcileReport } from './reconciler.js';
export { SyncModule } from './sync.module.js';
