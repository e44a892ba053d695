// Hands over to a compiled program: `node scripts/run.mjs cli db:status`. In a container image this is the entrance.
import { fileURLToPath } from 'node:url';

export async function run(name, argv) {
  process.setSourceMapsEnabled(true);
  const { main } = await import(`../dist/launch/${name}.js`);
  await main(argv);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv[2], process.argv.slice(3));
