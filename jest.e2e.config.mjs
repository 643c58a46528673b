import base from './jest.config.mjs';

/** Against the local stack: one deployment for all suites, started and ended by the run. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.e2e.test.ts'],
  // the Java and Python clients take minutes to build: `npm run test:long`
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.SALLYPORT_LONG === undefined ? ['\\.long\\.e2e\\.test\\.ts$'] : []),
  ],
  globalSetup: '<rootDir>/test/e2e-setup.ts',
  globalTeardown: '<rootDir>/test/e2e-teardown.ts',
  testTimeout: 120_000,
};
