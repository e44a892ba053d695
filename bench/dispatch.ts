import { BenchInstallation } from './dispatch/bench-installation.js';
import { measureIdle } from './dispatch/idle.js';
import { measureLatency, measureWithoutSockets } from './dispatch/latency.js';
import { measurePlanCost } from './dispatch/plan-cost.js';
import { measureQueueCore } from './dispatch/queue-core.js';
import { measureBurst, measureThroughput } from './dispatch/throughput.js';
import { BenchDatabases } from './bench-service.js';
import { monotonicMs, Report } from './report.js';
import { openServices } from './services.js';

/** Where the smaller fleets took so long, the larger ones are not begun: all of it stays under eight minutes. */
const LONGEST_MS = 4 * 60_000;
const PARTS = ['nodes', 'core', 'plan'];

/** Dispatch: `[nodes] [core] [plan]` name the parts, all of them where none is named; `--large` queues a million. */
export async function main(argv: string[] = []): Promise<void> {
  const named = argv.filter((argument) => PARTS.includes(argument));
  const parts = named.length > 0 ? named : PARTS;
  const report = new Report();
  try {
    if (parts.includes('nodes')) await measureNodes(report);
    if (parts.includes('core') || parts.includes('plan')) await measureQueue(report, parts, argv.includes('--large'));
  } finally {
    report.print();
  }
}

/** The real program and simulated nodes: 1, then 10, then 100. */
async function measureNodes(report: Report): Promise<void> {
  const installation = await BenchInstallation.start();
  try {
    const startedMs = monotonicMs();
    for (const nodes of [1, 10, 100]) {
      if (monotonicMs() - startedMs > LONGEST_MS) {
        report.note(`${nodes} nodes left out: the machine is too busy for figures that mean anything`);
        continue;
      }
      console.log(`${nodes} simulated ${nodes === 1 ? 'node' : 'nodes'}`);
      await installation.growTo(nodes);
      await measureLatency(installation, report);
      const tasks = { 1: 60, 10: 300, 100: 1_000 }[nodes]!;
      await measureThroughput(installation, report, { tasks, rounds: 3 });
      if (nodes === 100) await measureBurst(installation, report);
      if (nodes <= 10) await measureIdle(installation, report, { perNode: 15 });
      if (nodes === 10) await measureWithoutSockets(installation, report);
    }
  } finally {
    await installation.close();
  }
}

/** The queue alone, in databases of its own: no program and no node beside it. */
async function measureQueue(report: Report, parts: string[], isLarge: boolean): Promise<void> {
  const databases = await BenchDatabases.open({});
  const services = await openServices(databases.settings);
  try {
    console.log('the queue alone');
    if (parts.includes('core')) await measureQueueCore(services, report);
    const sizes = [1_000, 10_000, 100_000, ...(isLarge ? [1_000_000] : [])];
    if (parts.includes('plan')) await measurePlanCost(services, report, sizes);
  } finally {
    await services.close();
    await databases.close();
  }
}
