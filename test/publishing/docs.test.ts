/** `npm run docs`, and what its pages say. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import { OWN_FACTORS } from '../../lambdas/step-up/contract';
import { operationsOf, parseOpenApi, readDocument, type JsonObject } from '../../lib/api/document';
import { callOf } from '../../tools/docs/call';
import { changesBetween } from '../../tools/docs/changes';
import { exampleOf } from '../../tools/docs/examples';
import { html, markdown } from '../../tools/docs/html';
import { alternativesOf, protectionOf } from '../../tools/docs/protection';
import { samplesOf } from '../../tools/docs/samples';
import { docs, otherDocument, ROOT, temporary } from './commands';
import { documentOf } from './documents';

const DOCUMENT = join(ROOT, 'openapi.yaml');

/** `openapi.yaml` as another version. */
function asVersion(version: string): string {
  const file = join(temporary(), 'openapi.yaml');
  writeFileSync(file, readFileSync(DOCUMENT, 'utf8').replace('  version: 0.1.0', `  version: ${version}`));
  return file;
}

describe('publish', () => {
  test('PIPE-02 records a version once: the same document again is nothing new, another is refused', async () => {
    const published = join(temporary(), 'published');
    const publish = (file: string): ReturnType<typeof docs> =>
      docs(['publish', '--document', file, '--published', published]);

    expect((await publish(DOCUMENT)).out).toBe('0.1.0: published\n');
    expect((await publish(DOCUMENT)).out).toBe('0.1.0: unchanged\n');
    const refused = await publish(otherDocument());
    expect([refused.exit, refused.error]).toEqual([
      1,
      'docs: Widget API 0.1.0 is published with other content; a version never changes, so raise info.version\n',
    ]);
    expect(readFileSync(join(published, '0.1.0.yaml'))).toEqual(readFileSync(DOCUMENT));
    expect((await publish(asVersion('0.1.1'))).out).toBe('0.1.1: published\n');
    expect(readdirSync(published).sort()).toEqual(['0.1.0.yaml', '0.1.1.yaml']);
  });
});

describe('build', () => {
  test('PIPE-02 refuses a document whose version was published with other content, and writes nothing', async () => {
    const [published, out] = [join(temporary(), 'published'), join(temporary(), 'docs')];
    await docs(['publish', '--published', published]);
    const refused = await docs([
      'build',
      '--document',
      otherDocument(),
      '--published',
      published,
      '--out',
      out,
    ]);

    expect(refused.exit).toBe(1);
    expect(refused.error).toContain('0.1.0 is published with other content');
    expect(existsSync(out)).toBe(false);
  });

  test('takes numbers of a version as numbers: 0.10.0 is the latest, whichever document is at hand', async () => {
    const [published, out] = [join(temporary(), 'published'), join(temporary(), 'docs')];
    for (const version of ['0.9.0', '0.10.0'])
      await docs(['publish', '--document', asVersion(version), '--published', published]);
    const built = await docs(['build', '--published', published, '--out', out]);

    expect(built.exit).toBe(0);
    expect(built.out).toMatch(/^0\.10\.0: \d+ files, and the same as latest\n0\.9\.0: .*\n0\.1\.0: /);
    expect(readFileSync(join(out, 'versions.js'), 'utf8')).toBe(
      'globalThis.docsVersions = {"latest":"0.10.0","versions":["0.10.0","0.9.0","0.1.0"]};\n',
    );
    expect(readFileSync(join(out, 'latest/openapi.json'))).toEqual(
      readFileSync(join(out, '0.10.0/openapi.json')),
    );
    expect(readFileSync(join(out, '0.10.0/changes.html'), 'utf8')).toContain('Changes since 0.9.0');
    expect(readFileSync(join(out, '0.1.0/changes.html'), 'utf8')).toContain('This is the first version.');
  });

  test('is the same byte for byte, and loads nothing from elsewhere', async () => {
    const [one, two] = [join(temporary(), 'docs'), join(temporary(), 'docs')];
    await docs(['build', '--out', one]);
    await docs(['build', '--out', two]);
    const files = readdirSync(one, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );

    expect(files.length).toBeGreaterThan(50);
    const contents = files.map(({ parentPath, name }) => {
      const content = readFileSync(join(parentPath, name), 'utf8');
      expect(content).toBe(readFileSync(join(two, parentPath.slice(one.length), name), 'utf8'));
      if (!name.endsWith('.html')) return '';
      const ids = Array.from(content.matchAll(/\sid="([^"]*)"/g), ([, id]) => id);
      expect([name, ids]).toEqual([name, [...new Set(ids)]]);
      return content;
    });
    expect(contents.join('')).not.toMatch(/(?:src|<link[^>]* href)="(?:https?:)?\/\//);
    expect(contents.join('')).not.toMatch(/<script(?! defer src=)|<style| style=| on\w+=/);
  });

  test('does not touch a folder with something else in it', async () => {
    const out = temporary();
    writeFileSync(join(out, 'thesis.txt'), 'mine');
    const { exit, error } = await docs(['build', '--out', out]);

    expect([exit, error]).toEqual([
      1,
      `docs: ${out} holds something else than documentation; name another folder by --out\n`,
    ]);
    expect(readdirSync(out)).toEqual(['thesis.txt']);
  });

  test.each([
    [['make'], 'unknown command "make"'],
    [[], 'usage: npm run -s docs'],
    [['build', '--document', 'missing.yaml'], 'cannot read missing.yaml'],
  ])('%j ends with one line that says what is wrong', async (args, message) => {
    const { exit, error } = await docs(args);

    expect(exit).toBe(1);
    expect(error).toContain(message);
  });

  test('names a published file that is of another version', async () => {
    const published = join(temporary(), 'published');
    mkdirSync(published);
    writeFileSync(join(published, '7.0.0.yaml'), readFileSync(asVersion('6.0.0')));
    const { error } = await docs(['build', '--published', published, '--out', join(temporary(), 'docs')]);

    expect(error).toContain('7.0.0.yaml is of version 6.0.0; name it after that');
  });
});

test('what a document says is text: neither its words nor its Markdown become HTML or a script', () => {
  const hostile = '<img src=x onerror=alert(1)> "\'&';

  expect(html`<p title="${hostile}">${hostile}</p>`.text).not.toMatch(/<img|="[^"]*"[^>]*'/);
  expect(markdown(`${hostile} [a](javascript:alert(1)) ![b](https://example.com/b.png)`).text).not.toMatch(
    /<img|href="javascript|<[^>]* src=/,
  );
  expect(markdown('**bold** and [a](https://example.com/)').text).toBe(
    '<p><strong>bold</strong> and <a href="https://example.com/">a</a></p>\n',
  );
});

describe('who may call', () => {
  const words = (security: JsonObject[], more: JsonObject = {}): string => {
    const document = documentOf({ operation: { security, ...more } });
    return protectionOf(document, operationsOf(document)[0]!)
      .text.replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ');
  };

  test.each([
    [[], /Everybody may call this/],
    [[{ token: ['a', 'b'] }], /A request needs: An access token in .* with the scopes a and b/],
    [[{ token: [] }, { session: [] }], /One of these is enough: An access token .*A browser session/],
    [
      [{ token: [], certificate: [] }],
      /A request needs all of these together: An access token .*A client certificate/,
    ],
    [
      [{ token: [], certificate: [] }, { key: [] }],
      /One of these is enough: All of these together: An access token .*An API key/,
    ],
    [[{ key: [] }], /An API key in the header x-api-key/],
  ])('%j', (security, expected) => {
    expect(words(security as JsonObject[])).toMatch(expected);
  });

  test('a step-up is told with its level, age and factors', () => {
    const stepUp = { acr: 'urn:loa:2', maxAge: 300, factors: ['SMS', 'EMAIL'], singleUse: true };

    expect(words([{ token: [] }], { 'x-step-up': stepUp })).toMatch(
      /level urn:loa:2, not older than 5 minutes, by a code by text message or a code by e-mail.*one request with exactly this body/,
    );
  });

  test.each(OWN_FACTORS)('the factor %s has words of its own', (factor) => {
    const stepUp = { acr: 'urn:loa:2', factors: [factor] };

    expect(words([{ token: [] }], { 'x-step-up': stepUp })).not.toContain(factor);
  });
});

describe('samples', () => {
  const samples = (security: JsonObject, more: JsonObject = {}, method = 'post'): Record<string, string> => {
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', examples: ['a/b'] } };
    const document = parseOpenApi(
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'T', version: '1.0.0' },
        servers: [{ url: '/api' }],
        paths: {
          '/things/{id}': {
            [method]: {
              operationId: 'thing',
              parameters: [id],
              security: [security],
              responses: { '200': { description: 'ok' } },
              ...more,
            },
          },
        },
        components: {
          securitySchemes: {
            session: { type: 'apiKey', in: 'cookie', name: '__Host-session' },
            token: { type: 'http', scheme: 'bearer' },
            query: { type: 'apiKey', in: 'query', name: 'key' },
            certificate: { type: 'mutualTLS' },
          },
        },
      }),
    );
    const [operation] = operationsOf(document);
    const [alternative] = alternativesOf(document, operation!);
    return Object.fromEntries(
      samplesOf(callOf(document, operation!, alternative!)).map(({ language, code }) => [language, code]),
    );
  };

  test('by token have it in Authorization, from the environment, and a path that is encoded', () => {
    const { curl, JavaScript, Python, Java } = samples({ token: [] });

    for (const code of [curl, JavaScript, Python, Java]) expect(code).toContain('/api/things/a%2Fb');
    expect(curl).toContain('--header "Authorization: Bearer $ACCESS_TOKEN"');
    expect(JavaScript).toContain('Authorization: `Bearer ${process.env.ACCESS_TOKEN}`');
    expect(Python).toContain('"Authorization": "Bearer " + os.environ["ACCESS_TOKEN"]');
    expect(Java).toContain('.header("Authorization", "Bearer " + System.getenv("ACCESS_TOKEN"))');
  });

  test('by session have the header against forgery and the origin where something changes, and only there', () => {
    const [changes, reads] = [samples({ session: [] }), samples({ session: [] }, {}, 'get')];

    for (const language of ['curl', 'Python', 'Java']) {
      expect(changes[language]).toMatch(/X-Sallyport-CSRF/);
      expect(changes[language]).toMatch(/Origin/);
      expect(changes[language]).toMatch(/__Host-session=/);
      expect(reads[language]).not.toMatch(/CSRF|Origin/);
    }
    // the browser adds what a script may not
    expect(changes['JavaScript']).toContain("'X-Sallyport-CSRF': '1'");
    expect(changes['JavaScript']).not.toMatch(/Cookie|Origin/);
  });

  test('by session and something else are for a program and not for a page, which has no environment', () => {
    const { JavaScript } = samples({ session: [], token: [] });

    expect(JavaScript).toContain("fetch('https://app.example.com/api/things/a%2Fb'");
    expect(JavaScript).toContain('Cookie: `__Host-session=${process.env.SESSION}`');
    expect(JavaScript).toContain('Authorization: `Bearer ${process.env.ACCESS_TOKEN}`');
  });

  test('by certificate and a key have both, and the digest too', () => {
    const body = { required: true, content: { 'application/json': { schema: { const: 1 } } } };
    const both = samples(
      { certificate: [], query: [] },
      { requestBody: body, 'x-step-up': { singleUse: true } },
    );

    expect(both['JavaScript']).toContain("url.searchParams.set('key', process.env.API_KEY)");
    expect(both['JavaScript']).toContain('request(url, options');
    expect(both['JavaScript']).toContain("'Content-Digest': `sha-256=:${digest}:`");
  });

  test('by certificate and by key in the query', () => {
    const [certificate, key] = [samples({ certificate: [] }), samples({ query: [] })];

    expect(certificate['curl']).toContain('--cert client.pem --key client.key');
    expect(certificate['curl']).toContain("'https://partners.example.com/things/a%2Fb'");
    expect(certificate['Java']).toContain('sslContext(context)');
    expect(key['curl']).toContain(`'https://app.example.com/api/things/a%2Fb?key='"$API_KEY"`);
    expect(key['Python']).toContain('urllib.parse.quote(os.environ["API_KEY"])');
  });

  test('that are good for one request alone have the digest of their body', () => {
    const body = { required: true, content: { 'application/json': { schema: { const: { a: "it's" } } } } };
    const single = samples({ token: [] }, { requestBody: body, 'x-step-up': { singleUse: true } });
    const plain = samples({ token: [] }, { requestBody: body });

    for (const code of Object.values(single)) expect(code).toMatch(/Content-Digest/);
    for (const code of Object.values(plain)) expect(code).not.toMatch(/Content-Digest/);
  });
});

describe('what the samples of openapi.yaml send', () => {
  const document = readDocument(DOCUMENT);
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  ajv.addSchema({ ...document, $id: 'document' });
  const sent = operationsOf(document).flatMap(({ id, parameters, requestBody }) => [
    ...parameters.filter(({ required }) => required).map(({ name, schema }) => [id, name, schema] as const),
    ...Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [id, type, schema] as const),
  ]);

  test.each(sent)('%s: %s fits its schema', (_, __, schema) => {
    const known = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as JsonObject;

    const fits = ajv.compile(known);

    fits(exampleOf(document, schema));
    expect(ajv.errorsText(fits.errors)).toBe('No errors');
  });
});

test('an example of a schema that contains itself comes to an end', () => {
  const document = documentOf({
    schemas: {
      Node: {
        type: 'object',
        required: ['next'],
        properties: { next: { $ref: '#/components/schemas/Node' } },
      },
    },
  });

  expect(JSON.stringify(exampleOf(document, { $ref: '#/components/schemas/Node' }))).toContain('null');
});

describe('changes', () => {
  const parameter = { name: 'q', in: 'query', schema: { type: 'string' } };
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

  test('are told apart: added, broken, weakened, changed', () => {
    const old = documentOf({ operation: { parameters: [id] } });
    const added = documentOf({ operation: { parameters: [id, parameter] } });
    const open = documentOf({ operation: { security: [] } });
    const words = documentOf({ operation: { summary: 'Read' } });
    const place = 'GET /things/{id}';

    expect(changesBetween(old, added)).toEqual({
      added: [{ place, words: expect.stringContaining('new parameter') as string }],
      broken: [],
      weakened: [],
      changed: [],
    });
    expect(changesBetween(added, old).broken).toHaveLength(1);
    expect(changesBetween(old, open).weakened).toEqual([
      { place, words: expect.stringContaining('now needs nothing') as string },
    ]);
    expect(changesBetween(old, words).changed).toEqual([{ place, words: 'described in other words' }]);
    expect(changesBetween(old, old)).toEqual({ added: [], broken: [], weakened: [], changed: [] });
  });
});
