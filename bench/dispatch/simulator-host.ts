import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';

/** Several simulated nodes in one process; writes their addresses, one a line, then `ready`; tells its CPU time when asked. */
async function main(): Promise<void> {
  // Without a cache, or only the first of many equal prompts would take its time.
  const count = Number(process.argv[2]);
  const simulators = Array.from({ length: count }, () => new ComfySimulator({ cache: 'none' }));
  for (const simulator of simulators) process.stdout.write(`${(await simulator.start()).url}\n`);
  process.stdout.write('ready\n');
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.once('SIGTERM', () => {
    void Promise.all(simulators.map((simulator) => simulator.stop())).then(() => process.exit(0));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
});
