// The levels of docs/architecture.md as a check: imports point down, and a folder is entered through its index.ts.
const levels = [
  ['config', 'common'],
  ['database', 'storage', 'live'],
  ['shared'],
  ['client', 'flames', 'admin'],
  ['sync', 'dispatch', 'operations', 'sight'],
  ['jobs'],
  ['cli'],
];
const folders = levels.flat();
const rootFiles = '^src/(main|cli|app\\.module|configure-app)\\.ts$';
const specs = '\\.spec\\.ts$';
const pureFiles =
  '/(plan-assignments|place-in-line|line|choose-node|fitness|occupancy|order-classes|promising-classes|situation|capabilities|task-state|dimensions|flames/metrics/[\\w-]+)\\.ts$';
const knowsTypeOrm = ['\\.repository\\.ts$', '/entities/', '/migrations/', '^src/(database|operations)/', specs];

const arrows = levels.flatMap((level, height) =>
  level.map((folder) => {
    const notBelow = levels.slice(height).flat();
    return {
      name: `level-${height}-${folder}`,
      comment: `src/${folder} is on level ${height}: it may import lower levels only (docs/architecture.md). Move what both need down, or let the upper level hand it in.`,
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: specs },
      to: { path: [`^src/(${notBelow.join('|')})/`, rootFiles], pathNot: `^src/${folder}/` },
    };
  }),
);

const entrances = folders.map((folder) => ({
  name: `entered-by-index-${folder}`,
  comment: `src/${folder} is entered through src/${folder}/index.ts: export there what others need, and leave the rest free to change.`,
  severity: 'error',
  // ormconfig lists entities and migrations one by one: the TypeORM CLI reads them without the modules around them.
  // Pure files name one another directly: an index.ts would drag all of its folder along.
  from: { path: '^(src|simulators|launch)/', pathNot: [`^src/${folder}/`, specs, pureFiles] },
  to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
}));

module.exports = {
  forbidden: [
    ...arrows,
    ...entrances,
    {
      name: 'pure-files-import-types-alone',
      comment: 'A pure file decides from its arguments alone; it may name types of others and call other pure files.',
      severity: 'error',
      from: { path: pureFiles },
      to: { dependencyTypesNot: ['type-only'], pathNot: pureFiles },
    },
    {
      name: 'typeorm-in-its-places',
      comment:
        'Only repositories, entities, migrations, src/database, src/operations and ormconfig know TypeORM; a service asks a repository.',
      severity: 'error',
      from: { path: '^src/', pathNot: knowsTypeOrm },
      to: { path: 'node_modules/(@nestjs/)?typeorm/' },
    },
    {
      name: 'migrations-know-no-entities',
      comment: 'A migration tells what was true on its day; entities tell what is true today.',
      severity: 'error',
      from: { path: '/migrations/' },
      to: { path: '/entities/' },
    },
    {
      name: 'no-circles',
      comment: 'Modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'application-knows-no-launcher',
      comment: 'The application runs without its launcher, its simulators and its tests.',
      severity: 'error',
      from: { path: '^(src|ormconfig)/', pathNot: specs },
      to: { path: '^(launch|simulators|test|bench|chaos|scripts)/' },
    },
    {
      name: 'simulators-stand-alone',
      comment:
        'A simulator stands for a foreign program: sharing our code with it would let both be wrong in the same way.',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^(src|ormconfig|launch|chaos)/' },
    },
    {
      name: 'everything-resolves',
      comment: 'The file or package is not there; relative imports end in .js, packages stand in package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
