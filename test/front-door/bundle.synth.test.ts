/** What the deployed front door loads, and when. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { App, AssetStaging, Stack } from 'aws-cdk-lib';

import { bundledCode } from '../../lib/_kit/bundle';
import { AUTHORIZER_LATE } from '../../lib/front-door';

function bundle(): string {
  const app = new App();
  const stack = new Stack(app, 'Bundle');
  const code = bundledCode(
    join(__dirname, '../../lambdas/front-door/authorize.handler.ts'),
    {},
    AUTHORIZER_LATE,
  );
  code.bind(stack);
  const staged = stack.node.findAll().find((child): child is AssetStaging => child instanceof AssetStaging);
  return staged!.absoluteStagedPath;
}

test('SDK clients stand in files of their own, loaded with the first cookie, client certificate or request to be stepped up', () => {
  const folder = bundle();
  const program = `
    const Module = require('node:module');
    const loaded = [];
    const load = Module._load;
    Module._load = (name, ...rest) => { loaded.push(name); return load(name, ...rest); };
    const { handler } = require(${JSON.stringify(join(folder, 'index.js'))});
    console.log(JSON.stringify(loaded), typeof handler);
    const late = require(${JSON.stringify(join(folder, 'adapters/open-sessions.js'))});
    console.log(typeof late.openSessions);
    console.log(typeof require(${JSON.stringify(join(folder, 'adapters/open-lists.js'))}).openLists);
    console.log(typeof require(${JSON.stringify(join(folder, 'adapters/open-check.js'))}).openCheck);`;
  const [start, late, lists, stepUp] = execFileSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
  }).split('\n');

  expect(statSync(join(folder, 'index.js')).size).toBeLessThan(65_536);
  expect(existsSync(join(folder, 'adapters/open-sessions.js'))).toBe(true);
  expect(start).not.toMatch(/open-sessions|open-lists|open-check|http2|aws-sdk/);
  expect(start).toMatch(/function$/);
  expect(late).toBe('function');
  expect(lists).toBe('function');
  expect(stepUp).toBe('function');
});
