// `npm run chaos -- [--seed N] [--minutes M]`: a whole installation under load while everything in it is killed in turn.
import { prepare } from './prepare.mjs';

prepare();
const { main } = await import('../dist/chaos/main.js');
await main(process.argv.slice(2));
