export { LiveModule } from './live.module.js';
export { Signals, type Signal } from './signals.js';
