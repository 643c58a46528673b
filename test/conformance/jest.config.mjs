/** The public test suites; they are data outside this repository, so `npm test` leaves them to `npm run test:conformance`. */
import { fileURLToPath } from 'node:url';

import base from '../../jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  roots: ['<rootDir>/test/conformance'],
  testMatch: ['**/*.conformance.ts'],
};
