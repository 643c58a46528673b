import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonObject } from '../../lib/api/document';
import { gate, regressionsOf, RULES } from '../../tools/spec/gate';
import { readWaivers, type Waiver } from '../../tools/spec/waivers';
import { documentOf, type Parts, SCHEMES } from './documents';

const STEP_UP = { acr: 'high', maxAge: 300, factors: ['totp'], singleUse: true };

function rulesOf(before: Parts, after: Parts, levels: readonly string[] = []): string[] {
  return regressionsOf(documentOf(before), documentOf(after), levels).map(({ rule }) => rule);
}

function secured(...security: JsonObject[]): Parts {
  return { operation: { security } };
}

function stepUp(member: JsonObject): Parts {
  return { operation: { 'x-step-up': { ...STEP_UP, ...member } } };
}

function without(member: keyof typeof STEP_UP): Parts {
  const rest = Object.entries(STEP_UP).filter(([name]) => name !== member);
  return { operation: { 'x-step-up': Object.fromEntries(rest) } };
}

function withScheme(name: string, scheme: JsonObject, at?: Parts): Parts {
  return { ...secured({ [name]: [] }), ...at, schemes: { ...SCHEMES, [name]: scheme } };
}

describe('PIPE-01 an operation that more callers may reach than before stops the gate', () => {
  // each edit as a pair; read backwards it is a tightening, which passes
  it.each<[string, string, Parts, Parts]>([
    ['made public', 'operation-public', secured({ token: [] }), secured()],
    ['made optional', 'operation-public', secured({ token: [] }), secured({ token: [] }, {})],
    [
      'with another alternative',
      'alternative-added',
      secured({ token: [] }),
      secured({ token: [] }, { key: [] }),
    ],
    [
      'less one joint need',
      'joint-need-removed',
      secured({ token: [], certificate: [] }),
      secured({ token: [] }),
    ],
    ['less a scope', 'scope-removed', secured({ token: ['a', 'b'] }), secured({ token: ['a'] })],
    [
      'less a scope in one of two alternatives',
      'scope-removed',
      secured({ token: ['a'] }, { session: ['a'] }),
      secured({ token: ['a'] }, { session: [] }),
    ],
    [
      'whose key moves from the cookie to the query',
      'scheme-weakened',
      withScheme('session', { type: 'apiKey', in: 'header', name: 's' }),
      withScheme('session', { type: 'apiKey', in: 'query', name: 's' }),
    ],
    ['less its step-up', 'step-up-removed', { operation: { 'x-step-up': STEP_UP } }, {}],
    ['that trusts a step-up for longer', 'step-up-relaxed', stepUp({}), stepUp({ maxAge: 301 })],
    ['that takes another factor', 'step-up-relaxed', stepUp({}), stepUp({ factors: ['totp', 'sms'] })],
    ['whose step-up may be used again', 'step-up-relaxed', stepUp({}), stepUp({ singleUse: false })],
    ['whose step-up is not single-use by default', 'step-up-relaxed', stepUp({}), without('singleUse')],
    [
      'with a server without TLS',
      'server-http',
      { servers: [{ url: 'https://a.example' }] },
      { servers: [{ url: 'https://a.example' }, { url: 'HTTP://a.example' }] },
    ],
    [
      'with a server whose variable allows http',
      'server-http',
      {
        servers: [
          { url: '{scheme}://a.example', variables: { scheme: { default: 'https', enum: ['https'] } } },
        ],
      },
      {
        servers: [
          {
            url: '{scheme}://a.example',
            variables: { scheme: { default: 'https', enum: ['https', 'http'] } },
          },
        ],
      },
    ],
    [
      'with a server of its own without TLS',
      'server-http',
      {},
      { operation: { servers: [{ url: 'http://b' }] } },
    ],
  ])('an operation %s: %s', (_edit, rule, strong, weak) => {
    expect(rulesOf(strong, weak)).toEqual([rule]);
    expect(rulesOf(weak, strong)).toEqual([]);
    expect(rulesOf(weak, weak)).toEqual([]);
  });

  it.each<[string, string, Parts, Parts]>([
    [
      'the cookie loses its prefix',
      'scheme-weakened',
      withScheme('session', { type: 'apiKey', in: 'cookie', name: '__Host-session' }),
      withScheme('session', { type: 'apiKey', in: 'cookie', name: 'session' }),
    ],
    [
      'another issuer is trusted',
      'scheme-weakened',
      withScheme('oidc', { type: 'openIdConnect', openIdConnectUrl: 'https://a.example/x' }),
      withScheme('oidc', { type: 'openIdConnect', openIdConnectUrl: 'https://b.example/x' }),
    ],
    ['the level is another one', 'step-up-relaxed', stepUp({}), stepUp({ acr: 'other' })],
    ['the settings decide about the age', 'step-up-relaxed', stepUp({}), without('maxAge')],
    ['a member is not known', 'step-up-relaxed', stepUp({}), stepUp({ unless: 'trusted' })],
    ['an extension is not known', 'extension-changed', {}, { operation: { 'x-trust': true } }],
    ['one scheme stands for another', 'alternative-added', secured({ token: [] }), secured({ session: [] })],
  ])('what cannot be compared counts as weaker: %s', (_edit, rule, before, after) => {
    expect(rulesOf(before, after)).toEqual([rule]);
    expect(rulesOf(after, before)).toEqual([rule === 'alternative-added' ? 'alternative-added' : rule]);
    expect(rulesOf(before, before)).toEqual([]);
  });

  it('knows which level is higher when it is told', () => {
    const levels = ['low', 'high', 'highest'];

    expect(rulesOf(stepUp({}), stepUp({ acr: 'highest' }), levels)).toEqual([]);
    expect(rulesOf(stepUp({}), stepUp({ acr: 'low' }), levels)).toEqual(['step-up-relaxed']);
    expect(rulesOf(stepUp({}), stepUp({ acr: 'hihg' }), levels)).toEqual(['step-up-relaxed']);
  });

  it('finds a public operation that takes requests from a protected template', () => {
    const get = (security: JsonObject[], path: string): JsonObject => ({
      operationId: path.replace(/\W/g, ''),
      security,
      responses: { '200': { description: 'ok' } },
      parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
    });
    const before = { '/a/{id}': { get: get([{ token: [] }], '/a/{id}') } };
    const added = (path: string, security: JsonObject[]): Parts => ({
      paths: { ...before, [path]: { get: get(security, path) } },
    });

    expect(rulesOf({ paths: before }, added('/a/open', []))).toEqual(['operation-public']);
    expect(rulesOf({ paths: before }, added('/a/open', [{ token: [] }]))).toEqual([]);
    expect(rulesOf({ paths: before }, added('/b/open', []))).toEqual([]);
    expect(rulesOf({ paths: before }, { paths: { '/a/{key}': { get: get([], '/a/{key}') } } })).toEqual([
      'operation-public',
    ]);
  });

  it('takes the step-up of a path item for that of its operations', () => {
    const paths = documentOf()['paths'] as Record<string, JsonObject>;
    const stepped = { '/things/{id}': { ...paths['/things/{id}'], 'x-step-up': STEP_UP } };

    expect(rulesOf({ paths: stepped }, {})).toEqual(['step-up-removed']);
    expect(rulesOf({}, { paths: stepped })).toEqual([]);
  });

  it('names operation, values and what opens it', () => {
    const [finding] = regressionsOf(
      documentOf(secured({ token: ['a'] })),
      documentOf(secured({ token: ['a'] }, { key: [] })),
    );

    expect(finding).toEqual({
      rule: 'alternative-added',
      place: 'GET /things/{id}',
      reason: 'key opens it now, without token[a]',
    });
  });
});

describe('a waiver', () => {
  const WAIVER: Waiver = {
    place: 'GET /things/{id}',
    rule: 'operation-public',
    reason: 'the list is printed in the annual report',
    expires: '2026-06-30',
  };
  const run = (waivers: Waiver[], after: Parts = secured(), today = '2026-06-30') =>
    gate(documentOf(), documentOf(after), { waivers, today, levels: [] });

  it('lets its regression through until its last day, and is shown', () => {
    expect(run([WAIVER])).toEqual({
      exit: 0,
      findings: [],
      notes: ['waived until 2026-06-30: GET /things/{id} operation-public'],
    });
    expect(run([]).exit).toBe(1);
  });

  it.each<[string, Waiver, Parts, string, string[]]>([
    ['expired', WAIVER, secured(), '2026-07-01', ['operation-public', 'waiver-expired']],
    [
      'of another rule',
      { ...WAIVER, rule: 'scope-removed' },
      secured(),
      '2026-06-30',
      ['operation-public', 'waiver-unused'],
    ],
    [
      'of another operation',
      { ...WAIVER, place: 'GET /other' },
      secured(),
      '2026-06-30',
      ['operation-public', 'waiver-unknown'],
    ],
    ['with nothing to waive', WAIVER, {}, '2026-06-30', ['waiver-unused']],
  ])('that is %s fails', (_case, waiver, after, today, rules) => {
    const outcome = run([waiver], after, today);

    expect(outcome.exit).toBe(1);
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(rules);
  });

  function file(text: string): string {
    const path = join(mkdtempSync(join(tmpdir(), 'waivers-')), 'security-waivers.yaml');
    writeFileSync(path, text);
    return path;
  }
  const entry = (rule: string, expires: string, more = ''): string =>
    `waivers:\n  - operation: GET /a\n    rule: ${rule}\n    reason: why\n    expires: ${expires}\n${more}`;

  it('is read from YAML; without the file there are none', () => {
    expect(readWaivers(file(entry('scope-removed', '2026-01-31')), RULES)).toEqual([
      { place: 'GET /a', rule: 'scope-removed', reason: 'why', expires: '2026-01-31' },
    ]);
    expect(readWaivers('no-such-file.yaml', RULES)).toEqual([]);
  });

  it.each([
    ['a rule that does not exist', entry('scope-remvoed', '2026-01-31'), /is no rule/],
    ['a day that does not exist', entry('scope-removed', '2026-02-30'), /is no date/],
    ['a date of another form', entry('scope-removed', 'tomorrow'), /is no date/],
    ['no reason', entry('scope-removed', '2026-01-31').replace('why', '" "'), /reason is empty/],
    ['a key too many', entry('scope-removed', '2026-01-31', '    until: never\n'), /and nothing else/],
    ['another root', 'waived: []\n', /under the one key waivers/],
    ['text that is not YAML', 'waivers: [', /security-waivers\.yaml: /],
  ])('with %s is refused', (_case, text, message) => {
    expect(() => readWaivers(file(text), RULES)).toThrow(message);
  });
});
