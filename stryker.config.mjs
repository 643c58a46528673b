/**
 * Mutation tests of the pure parts: `npm run test:mutation`, of one folder with `-- --mutate 'lambdas/cookie-auth/core/*.ts'`.
 *
 * Only tests that load the code into their own process can see a mutant, so those that start deployed bundles are left
 * out. What the score is and how survivors are judged: docs/testing.md.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'lambdas/cookie-auth/core/*.ts',
    'lambdas/front-door/core/*.ts',
    'lambdas/_kernel/{caller,clock,cookies,env,http,input,log,operation}.ts',
  ],
  testRunner: 'jest',
  jest: { configFile: 'jest.mutation.config.mjs' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  incremental: true,
  incrementalFile: '.local/mutation/incremental.json',
  tempDirName: '.local/mutation/sandbox',
  ignorePatterns: ['.local', 'cdk.out', 'docs', 'web', 'examples'],
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.local/mutation/report.json' },
  clearTextReporter: { allowColor: false, reportTests: false },
};
