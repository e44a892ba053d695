export { Readiness } from './health/readiness.service.js';
export { SightModule } from './sight.module.js';
