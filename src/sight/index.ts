export { SightModule } from './sight.module.js';
