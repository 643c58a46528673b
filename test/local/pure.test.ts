/** The parts of local/ that need no emulator. */
import { commandEnvironment } from '../../local/aws';
import { linesFor, quote } from '../../local/curl-lines';
import { decisionOf } from '../../local/decisions';
import { deploymentFailed, isProgress } from '../../local/deploy';
import { escape, Html, html } from '../../local/html';
import { isLocalHost } from '../../local/http';
import { inboxPage, parseMails } from '../../local/inbox';
import { formOf } from '../../local/login-form';
import { parseStackOutputs } from '../../local/outputs';
import { parseOwner, portsFrom, portTaken } from '../../local/ports';
import { isOurs, newMarker, parseRemembered } from '../../local/processes';

const EVIL = `<script>alert("1")</script>&'`;

describe('HTML', () => {
  test('of a value is escaped, in text and in attributes', () => {
    expect(html`<a title="${EVIL}">${EVIL}</a>`.text).toBe(`<a title="${escape(EVIL)}">${escape(EVIL)}</a>`);
    expect(escape(EVIL)).toBe('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
  });

  test('that is HTML already is kept, also in a list', () => {
    expect(html`<p>${new Html('<b>x</b>')}${[html`<i>1</i>`, html`<i>${2}</i>`]}</p>`.text).toBe(
      '<p><b>x</b><i>1</i><i>2</i></p>',
    );
  });

  test('of a mail never runs', () => {
    const [mail] = parseMails({
      messages: { '1': [{ To: [EVIL], Source: EVIL, Subject: EVIL, BodyHtml: EVIL, Timestamp: 0 }] },
    });
    const { text } = inboxPage([mail!]);

    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;');
  });
});

describe('outputs of the stacks', () => {
  const api = { ApiId: 'a', ApiStage: 'live', AuthorizerLogGroup: 'l' };
  const identity = {
    UserPoolId: 'p',
    UserPoolClientId: 'c',
    ClientSecretArn: 's',
    LoginUrl: 'u',
    Issuer: 'i',
    SelfSignUp: 'true',
  };

  const data = {
    WidgetsTableName: 't',
    SessionsTableName: 'n',
    SessionKeyRingArn: 'k',
    TrustStoreBucketName: 'b',
    RevocationListsBucketName: 'r',
    RawBucketName: 'r',
    ScanStageBucketName: 'r',
    ManualReviewBucketName: 'r',
    ScannedDataBucketName: 'r',
    ScanRecordsBucketName: 'r',
    DataScanTableName: 'r',
    DataScanStateMachineArn: 'r',
    StepUpSettingTableName: 'e',
    StepUpSessionTableName: 'f',
    StepUpFactorTableName: 'h',
  };
  const partner = { PartnerDomain: 'd', PartnerApiId: 'q', PartnerAuthorizerLogGroup: 'g' };

  test('are found whatever stack they stand in', () => {
    const all = {
      'x-api': api,
      'x-identity': identity,
      'x-data': { ...data, Other: 'o' },
      'x-partner': partner,
    };

    expect(parseStackOutputs(all)).toEqual({ ...api, ...identity, ...data, ...partner });
  });

  test.each([[{ 'x-api': api, 'x-identity': identity }], [null], [{ x: null }]])(
    'that are missing are named',
    (written) => {
      expect(() => parseStackOutputs(written)).toThrow(/no stack has the output \w+/);
    },
  );
});

describe('ports', () => {
  test('come from the environment, or are the standard ones', () => {
    expect(portsFrom({ SALLYPORT_SITE_PORT: '81', SALLYPORT_CONSOLE_PORT: '' })).toEqual({
      emulator: 4566,
      site: 81,
      console: 8080,
      partner: 8443,
    });
  });

  test.each(['0', '70000', 'x', '1.5', ' '])('refuse %p, naming the variable', (value) => {
    expect(() => portsFrom({ SALLYPORT_EMULATOR_PORT: value })).toThrow(/^SALLYPORT_EMULATOR_PORT is/);
  });

  test('that are taken are named with their owner and the variable that changes them', () => {
    expect(portTaken('site', 8000, parseOwner('p12\ncnode\nf20\n'))).toBe(
      'port 8000 (site) is taken by node (process 12); stop it, or set SALLYPORT_SITE_PORT to a free port',
    );
    expect(portTaken('console', 1, parseOwner(''))).toContain('taken by another program');
  });
});

describe('a remembered process', () => {
  const entry = { pid: 4711, marker: 'sallyport-0123456789abcdef' };

  test('is ours only with its marker as a whole argument', () => {
    expect(isOurs(entry, `python serve.py ${entry.marker}`)).toBe(true);
    expect(isOurs(entry, `vim ${entry.marker}.txt`)).toBe(false);
    expect(isOurs(entry, 'python serve.py sallyport-fedcba9876543210')).toBe(false);
    expect(isOurs(entry, '')).toBe(false);
  });

  test.each([
    '',
    '{}',
    '{"pid":1,"marker":"sallyport-0123456789abcdef"}',
    '{"pid":-5}',
    '{"pid":7,"marker":""}',
    'null',
  ])('written as %p is none', (text) => {
    expect(parseRemembered(text)).toBeNull();
  });

  test('is read as it was written', () => {
    expect(parseRemembered(JSON.stringify(entry))).toEqual(entry);
    expect(newMarker()).toMatch(/^sallyport-[0-9a-f]{16}$/);
  });
});

describe('the site listener', () => {
  test.each([
    ['127.0.0.1:8080', true],
    ['localhost', true],
    ['LOCALHOST:80', true],
    ['evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost:80@evil', false],
    [undefined, false],
  ])('and the console know %p as this machine: %p', (host, local) => {
    expect(isLocalHost(host)).toBe(local);
  });
});

test('a decision is read from a log line, and from nothing else', () => {
  const line = {
    event: 'decision',
    time: '2026-01-01T00:00:00Z',
    operation: 'op',
    verdict: 'deny',
    reason: 'r',
  };

  expect(decisionOf(JSON.stringify(line), 0)).toMatchObject({ operation: 'op', verdict: 'deny', scheme: '' });
  expect(decisionOf(`INFO ${JSON.stringify({ ...line, time: 1 })}`, 0)).toMatchObject({
    time: '1970-01-01T00:00:00.000Z',
  });
  expect([decisionOf('START', 0), decisionOf('{"event":"other"}', 0), decisionOf('{', 0)]).toEqual([
    null,
    null,
    null,
  ]);
});

test('the form of a login page is filled, and its hidden fields are kept', () => {
  const page = `<form action="/login?a=1&amp;b=2" method="post"><input type="hidden" name="csrf" value="&quot;x&#39;">
    <input name="username"><input name='password' type='password'></form>`;

  expect(formOf(page, { username: 'ada', password: 'p&w' })).toEqual({
    action: '/login?a=1&b=2',
    fields: { csrf: `"x'`, username: 'ada', password: 'p&w' },
  });
  expect(() => formOf('<p>error</p>', {})).toThrow('no form');
});

test('commands get no credential or profile of a real account', () => {
  const env = commandEnvironment('http://127.0.0.1:1', {
    AWS_PROFILE: 'prod',
    AWS_SESSION_TOKEN: 's',
    PATH: '/bin',
  });

  expect(env).toMatchObject({
    PATH: '/bin',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  });
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
  expect(env['AWS_SESSION_TOKEN']).toBeUndefined();
});

test('a failed deployment shows the words of the CDK and of the emulator', () => {
  expect(deploymentFailed('deploy', ' no such type \n', 'log line')).toBe(
    "cdk deploy failed:\nno such type\nThe end of the emulator's log:\nlog line",
  );
  expect(deploymentFailed('deploy', 'x', '')).toBe('cdk deploy failed:\nx');
});

test.each([
  [' ✅  sallyport-local-api', true],
  ['sallyport-local-api: deploying... [1/3]', true],
  ['sallyport-local-api: start: Building Code', false],
  ['Bundling asset x', false],
])('of what the CDK says, %p is progress: %p', (line, progress) => {
  expect(isProgress(line)).toBe(progress);
});

test('the lines to try carry their tokens quoted for a shell', () => {
  const tokens = { accessToken: "a'b", idToken: 'i', refreshToken: 'r', expiresIn: 1 };
  const lines = linesFor({ siteUrl: 'http://127.0.0.1:1', caFile: null }, tokens, tokens);

  expect(quote("it's")).toBe(`'it'\\''s'`);
  expect(lines.map(({ expectStatus }) => expectStatus)).toEqual([200, 401, 200, 201, 403, 400, 401, 401]);
  expect(lines[2]?.command).toContain(`'Authorization: Bearer a'\\''b'`);
});
