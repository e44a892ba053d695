import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const HEALTHY: Record<string, string> = {
  'src/main.ts': "import { client } from './client/index.js';\nexport const main = client;\n",
  'src/client/index.ts': "export { client } from './tasks/tasks.service.js';\n",
  'src/client/tasks/tasks.service.ts':
    "import { shared } from '../../shared/index.js';\nexport const client = shared;\n",
  'src/client/tasks/tasks.repository.ts': "import { DataSource } from 'typeorm';\nexport const source = DataSource;\n",
  'src/shared/index.ts': "export * from './state.js';\n",
  'src/shared/state.ts': 'export type State = string;\nexport const shared = 1;\n',
  'src/shared/entities/task.entity.ts': 'export class Task {}\n',
  'src/admin/index.ts': 'export type Node = string;\n',
  'src/dispatch/plan-assignments.ts':
    "import type { State } from '../shared/index.js';\nexport const plan = (state: State) => state;\n",
};

/** Each lies beside the healthy files and breaks one rule. */
const SEEDED = [
  {
    breach: 'level-2-shared: src/shared/upwards.ts',
    what: 'a lower module that imports an upper one',
    content: "import { client } from '../client/index.js';\nexport const upwards = client;\n",
  },
  {
    breach: 'level-3-client: src/client/sideways.ts',
    what: 'two modules of one level that know each other, be it by a type',
    content: "import type { Node } from '../admin/index.js';\nexport const sideways = (node: Node) => node;\n",
  },
  {
    breach: 'entered-by-index-shared: src/client/past-the-door.ts',
    what: 'a folder entered past its index.ts',
    content: "import { shared } from '../shared/state.js';\nexport const pastTheDoor = shared;\n",
  },
  {
    breach: 'typeorm-in-its-places: src/client/knowing.service.ts',
    what: 'a service that knows TypeORM',
    content: "import { DataSource } from 'typeorm';\nexport const knowing = DataSource;\n",
  },
  {
    breach: 'pure-files-import-types-alone: src/dispatch/scheduling/plan-assignments.ts',
    what: 'a pure file that calls others',
    content: "import { shared } from '../../shared/index.js';\nexport const plan = shared;\n",
  },
  {
    breach: 'migrations-know-no-entities: src/shared/migrations/1-first.ts',
    what: 'a migration that imports an entity',
    content: "import { Task } from '../entities/task.entity.js';\nexport const first = Task;\n",
  },
  {
    breach: 'no-circles: src/shared/itself.ts',
    what: 'a file that needs itself',
    content: "import * as itself from './itself.js';\nexport const again = () => itself;\n",
  },
  {
    breach: 'everything-resolves: src/shared/missing.ts',
    what: 'a file that is not there',
    content: "export * from './gone.js';\n",
  },
];

describe('the import rules (real: dependency-cruiser with .dependency-cruiser.cjs, over a small tree of our shape)', () => {
  it('accept a tree whose imports point down', () => {
    expect(breachesOf(HEALTHY)).toEqual([]);
  });

  describe('over a tree with seeded breaches', () => {
    let breaches: string[];

    beforeAll(() => {
      const seeded = SEEDED.map(({ breach, content }) => [breach.split(': ')[1]!, content] as const);
      breaches = breachesOf({ ...HEALTHY, ...Object.fromEntries(seeded) });
    });

    it.each(SEEDED)('catch $what', ({ breach }) => expect(breaches).toContain(breach));

    it('accuse nothing else', () => {
      expect([...breaches].sort()).toEqual(SEEDED.map(({ breach }) => breach).sort());
    });
  });
});

function breachesOf(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cws-imports-'));
  try {
    for (const name of ['tsconfig.json', 'package.json']) copyFileSync(name, join(folder, name));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const options = ['--config', resolve('.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...options], { cwd: folder, encoding: 'utf8' });
    if (!stdout) throw new Error(`dependency-cruiser gave no report: ${stderr}`);
    const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
    return report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
