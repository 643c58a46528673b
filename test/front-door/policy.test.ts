/** The policy that the document compiles to. */
import { DocumentError } from '../../lib/api';
import { compilePolicy, scopesOf } from '../../lib/front-door/policy';
import { sampleDocument, transferOf, type MutableDocument } from '../api/sample';

const TOKEN = { token: 'cognito-access-token' } as const;

function withScheme(name: string, scheme: Record<string, unknown>): (document: MutableDocument) => void {
  return (document) => {
    document.components['securitySchemes'] = {
      ...(document.components['securitySchemes'] as object),
      [name]: scheme,
    };
  };
}

function withSecurity(security: unknown): (document: MutableDocument) => void {
  return (document) => {
    transferOf(document)['security'] = security;
  };
}

function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof DocumentError ? error.message : `not a DocumentError: ${String(error)}`;
  }
  return 'no error';
}

test('every secured operation has its rule, a public one has none', () => {
  expect(compilePolicy(sampleDocument(), TOKEN)).toEqual({
    schemes: { token: 'cognito-access-token' },
    operations: {
      'POST /transfers': [[{ scheme: 'token', scopes: ['money/move'] }]],
      'GET /transfers/{transferId}': [[{ scheme: 'token', scopes: ['money/read'] }]],
    },
  });
});

test('a list of requirements is any-of, one object of several is all-of, in document order', () => {
  const document = sampleDocument((changed) => {
    withScheme('second', { type: 'openIdConnect', openIdConnectUrl: 'https://id.example.com/' })(changed);
    withSecurity([{ second: ['x'], token: ['y', 'z'] }, { token: [] }])(changed);
  });
  const policy = compilePolicy(document, { ...TOKEN, second: 'cognito-access-token' });

  expect(policy.operations['POST /transfers']).toEqual([
    [
      { scheme: 'second', scopes: ['x'] },
      { scheme: 'token', scopes: ['y', 'z'] },
    ],
    [{ scheme: 'token', scopes: [] }],
  ]);
  expect(policy.schemes).toEqual({ second: 'cognito-access-token', token: 'cognito-access-token' });
});

test('a check whose scheme no operation uses is left out of the policy', () => {
  const document = sampleDocument(withScheme('spare', { type: 'http', scheme: 'Bearer' }));

  expect(compilePolicy(document, { ...TOKEN, spare: 'cognito-access-token' }).schemes).toEqual(TOKEN);
});

describe('a document that the deployment cannot enforce stops the synth', () => {
  test('a scheme in use that no check enforces', () => {
    const change = (document: MutableDocument): void => {
      withScheme('key', { type: 'apiKey', in: 'header', name: 'X-Api-Key' })(document);
      withSecurity([{ token: ['money/move'] }, { key: [] }])(document);
    };

    expect(failureOf(() => compilePolicy(sampleDocument(change), TOKEN))).toBe(
      'POST /transfers: security scheme key (apiKey header X-Api-Key) is enforced by no check of this deployment; give it one or remove it',
    );
    expect(failureOf(() => compilePolicy(sampleDocument(), TOKEN))).toBe('no error');
  });

  test('the same where it stands beside a scheme that is enforced', () => {
    const change = (document: MutableDocument): void => {
      withScheme('certificate', { type: 'mutualTLS' })(document);
      withSecurity([{ token: ['money/move'], certificate: [] }])(document);
    };

    expect(failureOf(() => compilePolicy(sampleDocument(change), TOKEN))).toBe(
      'POST /transfers: security scheme certificate (mutualTLS) is enforced by no check of this deployment; give it one or remove it',
    );
  });

  test('no check at all', () => {
    expect(failureOf(() => compilePolicy(sampleDocument(), {}))).toBe(
      'POST /transfers: security scheme token (http bearer) is enforced by no check of this deployment; give it one or remove it',
    );
  });

  test('a check for a scheme the document does not have', () => {
    expect(failureOf(() => compilePolicy(sampleDocument(), { ...TOKEN, tokn: 'cognito-access-token' }))).toBe(
      'security scheme tokn has a check but is not in the document; remove the check or declare it',
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a cookie', { type: 'apiKey', in: 'cookie', name: 'session' }, 'apiKey cookie session'],
    ['an API key', { type: 'apiKey', in: 'query', name: 'key' }, 'apiKey query key'],
    ['basic authentication', { type: 'http', scheme: 'basic' }, 'http basic'],
    ['a client certificate', { type: 'mutualTLS' }, 'mutualTLS'],
    [
      'OAuth',
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://id.example.com/', scopes: {} } } },
      'oauth2',
    ],
  ])('a check of access tokens cannot enforce %s', (_name, scheme, described) => {
    const document = sampleDocument(withScheme('other', scheme));

    expect(failureOf(() => compilePolicy(document, { ...TOKEN, other: 'cognito-access-token' }))).toBe(
      `security scheme other (${described}) cannot be enforced by cognito-access-token`,
    );
  });

  test.each<[string, unknown, string]>([
    [
      'no security',
      undefined,
      'POST /transfers: security is missing; say who may call it, or security: [] if everybody may',
    ],
    [
      'an empty requirement',
      [{ token: ['money/move'] }, {}],
      'POST /transfers: an empty requirement ({}) makes the credentials optional; use security: [] if everybody may call it, else remove it',
    ],
    [
      'a scheme nobody declared',
      [{ tokn: [] }],
      'POST /transfers: security scheme tokn is not declared in components.securitySchemes',
    ],
    [
      'a scope that is two',
      [{ token: ['a b'] }],
      'POST /transfers: scope "a b" is not a scope token (RFC 6749 section 3.3)',
    ],
    [
      'a scope that ends the challenge',
      [{ token: ['a"'] }],
      'POST /transfers: scope "a\\"" is not a scope token (RFC 6749 section 3.3)',
    ],
  ])('%s', (_name, security, message) => {
    expect(failureOf(() => compilePolicy(sampleDocument(withSecurity(security)), TOKEN))).toBe(message);
  });
});

test('the scopes of a scheme are those of all operations, each once, sorted, and of no other scheme', () => {
  const document = sampleDocument((changed) => {
    withScheme('second', { type: 'http', scheme: 'bearer' })(changed);
    withSecurity([{ token: ['money/read', 'money/audit'], second: ['other'] }])(changed);
  });

  expect(scopesOf(document, 'token')).toEqual(['money/audit', 'money/read']);
  expect(scopesOf(document, 'second')).toEqual(['other']);
  expect(scopesOf(document, 'third')).toEqual([]);
});
