import { constants } from 'node:os';
import { loadSettings } from '../src/config/index.js';
import { ClosingStack } from './closing-stack.js';
import type { FirstUsers } from './first-run.js';
import { explain } from './launch-error.js';
import { startService, type Service } from './service.js';

/** `npm start`: runs until Ctrl-C or SIGTERM. */
export async function main(): Promise<void> {
  const opened = new ClosingStack();
  closeOnSignal(opened);
  try {
    const service = await startService(loadSettings({ environment: process.env }), opened, (line) => console.log(line));
    console.log(greeting(service));
  } catch (error) {
    console.error(explain(error));
    await opened.closeAll().catch((problem: unknown) => console.error(explain(problem)));
    process.exit(1);
  }
}

function closeOnSignal(opened: ClosingStack): void {
  let asked = false;
  const close = (signal: NodeJS.Signals) => {
    // Children are tied to this process: leaving now ends them as well, only less gently.
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    console.log('\nClosing … (once more to leave at once)');
    opened.closeAll().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(explain(error));
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
}

function greeting({ url, users, facts }: Service): string {
  return [
    '',
    `ComfyUI Web Service runs at ${url}`,
    `  API       ${url}/docs`,
    `  Health    ${url}/api/health`,
    ...facts.map((fact) => `  ${fact}`),
    ...signIns(users).map((line) => `  ${line}`),
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function signIns({ path, firstRun, created }: FirstUsers): string[] {
  if (!firstRun) return ['Sign-in   the users of this database (npm run cli -- users:create makes more)'];
  if (!created) return [`Sign-in   the passwords of the first start are kept in ${path}`];
  return [
    `Sign-in   client: ${firstRun.client.username} / ${firstRun.client.password}`,
    `          admin:  ${firstRun.admin.username} / ${firstRun.admin.password}`,
    `          shown this once, kept in ${path} (readable by you alone)`,
  ];
}
