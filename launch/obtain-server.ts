import { obtainServerBinary } from './install-server.js';

/** Makes sure that a database server program is here; gives the exit code. For the tests, which start their own servers. */
export function main(): number {
  try {
    obtainServerBinary((line) => console.log(line));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}
