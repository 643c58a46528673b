/** Property tests run 100 times each; `npm run test:long` runs them 20,000 times. */
import fc from 'fast-check';

fc.configureGlobal({ numRuns: process.env['SALLYPORT_LONG'] === undefined ? 100 : 20_000 });
