// Nest 12 is pure ESM: jest runs it natively (node --experimental-vm-modules), swc keeps the decorator metadata.
const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  swcrc: false,
  sourceMaps: 'inline',
};

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  ...more,
});

const scratchServers = {
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
};

export default {
  testTimeout: 60_000,
  // Most tests wait for a database or a child process; and a worker that dies fails its suite instead of the whole run.
  maxWorkers: 2,
  // What a suite has loaded is not all given back with it (nodejs/node#33439): a worker that has grown is replaced.
  workerIdleMemoryLimit: '1GB',
  projects: [
    project('unit', ['<rootDir>/{src,ormconfig,simulators,launch,chaos}/**/*.spec.ts']),
    project('contract', ['<rootDir>/test/contract/**/*.spec.ts']),
    project('medium', ['<rootDir>/test/medium/**/*.spec.ts'], scratchServers),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts'], scratchServers),
    project('chaos', ['<rootDir>/test/chaos/**/*.spec.ts'], scratchServers),
  ],
};
