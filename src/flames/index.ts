export { FlamesModule } from './flames.module.js';
