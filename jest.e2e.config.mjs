import base from './jest.config.mjs';

/** Against the local stack: one deployment for all suites, started and ended by the run. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.e2e.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/e2e-setup.ts',
  globalTeardown: '<rootDir>/test/e2e-teardown.ts',
  testTimeout: 120_000,
};
