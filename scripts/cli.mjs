import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

prepare();
await run('cli', process.argv.slice(2));
