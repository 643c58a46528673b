/** Samples in Java: those of every operation are compiled, one of each kind is run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';

import { operationsOf, readDocument } from '../../lib/api/document';
import { callOf } from '../../tools/docs/call';
import { alternativesOf } from '../../tools/docs/protection';
import { samplesOf } from '../../tools/docs/samples';
import { launchBrowser } from '../browser';
import { localStack } from '../local-stack';
import { ran, ROOT, temporary } from './commands';
import { Reader, RESULTS } from './samples';

jest.setTimeout(300_000);

let browser: Browser;
let reader: Reader;

/** @returns variables by which Java trusts the local authority */
async function javaTrust(): Promise<NodeJS.ProcessEnv> {
  const store = join(temporary(), 'authority.p12');
  const options = ['-keystore', store, '-storepass', 'changeit', '-file', localStack().authorityFile];
  const { exit, out } = await ran('keytool', ['-importcert', '-noprompt', ...options]);
  if (exit !== 0) throw new Error(out);
  const property = '-Djavax.net.ssl.trustStore';
  return { JDK_JAVA_OPTIONS: `${property}=${store} ${property}Password=changeit` };
}

beforeAll(async () => {
  browser = await launchBrowser();
  reader = await Reader.start(browser, await javaTrust());
});

afterAll(async () => {
  await reader.stop();
  await browser.close();
});

test('CSRF-01 STEP-07 Java: by token, session, certificate and for one request alone, with what it needs', async () => {
  expect(await reader.results('Java')).toEqual(RESULTS);
});

test('every sample in Java compiles', async () => {
  const document = readDocument(join(ROOT, 'openapi.yaml'));
  const codes = operationsOf(document).flatMap((operation) => {
    const alternatives = alternativesOf(document, operation);
    return (alternatives.length === 0 ? [[]] : alternatives).flatMap((alternative) =>
      samplesOf(callOf(document, operation, alternative))
        .filter(({ language }) => language === 'Java')
        .map(({ code }) => code),
    );
  });
  const folder = temporary();
  // all have the same class
  const files = codes.map((code, index) => {
    mkdirSync(join(folder, `s${index}`));
    writeFileSync(join(folder, `s${index}/Sample.java`), `package s${index};\n${code}`);
    return `s${index}/Sample.java`;
  });

  expect(files.length).toBeGreaterThan(20);
  expect(await ran('javac', files, { cwd: folder })).toEqual({ exit: 0, out: '', error: '' });
});
