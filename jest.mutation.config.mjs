import base from './jest.config.mjs';

/**
 * Tests that load the code they test into their own process; used by stryker.config.mjs, which runs them once for every
 * mutant, so `generated/` is brought up to date before.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  globalSetup: undefined,
  // so that the tests related to a file are found through other files of its folder
  roots: ['<rootDir>/test', '<rootDir>/lambdas'],
  // templates load no core; those that wait for real deadlines would wait once for every mutant
  testPathIgnorePatterns: [
    ...base.testPathIgnorePatterns,
    '\\.synth\\.test\\.ts$',
    'test/cookie-auth/provider\\.test\\.ts$',
    'test/front-door/keys-unavailable\\.test\\.ts$',
  ],
  maxWorkers: 1,
};
