export { CliModule } from './cli.module.js';
export { CommandFailedError } from './command-failed.error.js';
