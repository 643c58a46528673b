/**
 * Programs that make a call and print its status and body, in four languages, with nothing but what each brings along: a
 * POSIX shell, an ECMAScript module, Python 3.9 and Java 17 without packages.
 */
import { type Call, SITE } from './call';

interface Sample {
  readonly language: 'curl' | 'JavaScript' | 'Python' | 'Java';
  readonly code: string;
}

export function samplesOf(call: Call): readonly Sample[] {
  return [
    { language: 'curl', code: curl(call) },
    { language: 'JavaScript', code: javascript(call) },
    { language: 'Python', code: python(call) },
    { language: 'Java', code: java(call) },
  ];
}

const lines = (...parts: readonly (string | readonly string[] | undefined)[]): string =>
  parts
    .flat()
    .filter((part) => part !== undefined)
    .join('\n');

const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);

function curl({ method, url, queryKey, headers, body, digest, certificate }: Call): string {
  const options = [
    '--include',
    ...(method === 'GET' ? [] : [`--request ${method}`]),
    ...(certificate ? ['--cert client.pem --key client.key'] : []),
    ...headers.map(([name, value]) =>
      typeof value === 'string'
        ? `--header ${shell(`${name}: ${value}`)}`
        : `--header "${name}: ${value.before}$${value.variable}"`,
    ),
    ...(digest ? ['--header "Content-Digest: sha-256=:$DIGEST:"'] : []),
    ...(body === undefined ? [] : ['--data-raw "$BODY"']),
  ];
  const target = queryKey === undefined ? shell(url) : `${shell(withKey(url, queryKey))}"$API_KEY"`;
  return lines(
    body === undefined ? undefined : `BODY=${shell(body)}`,
    digest ? `DIGEST=$(printf %s "$BODY" | openssl dgst -sha256 -binary | openssl base64 -A)` : undefined,
    [`curl ${target}`, ...options].join(' \\\n  '),
  );
}

/** The URL up to where the key follows. */
function withKey(url: string, name: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=`;
}

function shell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function javascript({ method, url, queryKey, headers, body, digest, certificate, inBrowser }: Call): string {
  // a page of the site: the browser adds the cookie and the origin itself
  const own = headers.filter(([name]) => !inBrowser || (name !== 'Cookie' && name !== 'Origin'));
  const entries = [
    ...own.map(([name, value]) => {
      const key = /^\w+$/.test(name) ? name : quoted(name);
      return typeof value === 'string'
        ? `${key}: ${quoted(value)},`
        : `${key}: \`${value.before}\${process.env.${value.variable}}\`,`;
    }),
    ...(digest ? ["'Content-Digest': `sha-256=:${digest}:`,"] : []),
  ];
  const address = inBrowser ? quoted(url.replace(SITE, '')) : quoted(url);
  const target = queryKey === undefined ? address : 'url';
  const options = [
    `  method: ${quoted(method)},`,
    ...(certificate ? ["  cert: readFileSync('client.pem'),", "  key: readFileSync('client.key'),"] : []),
    ...(entries.length === 0 ? [] : ['  headers: {', ...entries.map((entry) => `    ${entry}`), '  },']),
  ];
  return lines(
    inBrowser ? '// in a page of the site; the browser adds the cookie' : undefined,
    certificate
      ? [
          '// fetch has no client certificates',
          "import { readFileSync } from 'node:fs';",
          "import { request } from 'node:https';",
          '',
        ]
      : undefined,
    body === undefined ? undefined : `const body = JSON.stringify(${body});`,
    digest
      ? [
          "const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));",
          'const digest = btoa(String.fromCharCode(...new Uint8Array(sum)));',
        ]
      : undefined,
    queryKey === undefined
      ? undefined
      : [
          `const url = new URL(${address});`,
          `url.searchParams.set(${quoted(queryKey)}, process.env.API_KEY);`,
        ],
    certificate
      ? [
          'const options = {',
          ...options,
          '};',
          `const call = request(${target}, options, async (response) => {`,
          '  console.log(response.statusCode, Buffer.concat(await response.toArray()).toString());',
          '});',
          `call.end(${body === undefined ? '' : 'body'});`,
        ]
      : [
          `const response = await fetch(${target}, {`,
          ...options,
          ...(body === undefined ? [] : ['  body,']),
          '});',
          'console.log(response.status, await response.text());',
        ],
  );
}

function python({ method, url, queryKey, headers, body, digest, certificate }: Call): string {
  const secret = queryKey !== undefined || headers.some(([, value]) => typeof value !== 'string');
  const modules = [
    ...(digest ? ['base64', 'hashlib'] : []),
    ...(body === undefined ? [] : ['json']),
    ...(secret ? ['os'] : []),
    ...(certificate ? ['ssl'] : []),
    'urllib.error',
    'urllib.request',
  ];
  const entries = headers.map(([name, value]) =>
    typeof value === 'string'
      ? `    "${name}": ${JSON.stringify(value)},`
      : `    "${name}": ${value.before === '' ? '' : `"${value.before}" + `}os.environ["${value.variable}"],`,
  );
  if (digest) {
    entries.push(
      '    "Content-Digest": "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":",',
    );
  }
  const address =
    queryKey === undefined
      ? JSON.stringify(url)
      : `${JSON.stringify(withKey(url, queryKey))} + urllib.parse.quote(os.environ["API_KEY"])`;
  return lines(
    [...modules, ...(queryKey === undefined ? [] : ['urllib.parse'])].sort().map((name) => `import ${name}`),
    '',
    body === undefined ? undefined : `body = json.dumps(${pythonValue(JSON.parse(body))}).encode()`,
    entries.length === 0 ? 'headers = {}' : ['headers = {', ...entries, '}'],
    certificate
      ? ['context = ssl.create_default_context()', 'context.load_cert_chain("client.pem", "client.key")']
      : undefined,
    `request = urllib.request.Request(${address}, method="${method}", headers=headers${body === undefined ? '' : ', data=body'})`,
    'try:',
    `    response = urllib.request.urlopen(request${certificate ? ', context=context' : ''})`,
    'except urllib.error.HTTPError as error:',
    '    response = error',
    'print(response.status, response.read().decode())',
  );
}

/** A JSON value as Python writes it. */
function pythonValue(value: unknown, indent = ''): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}    `;
  const entries = Array.isArray(value)
    ? value.map((each) => `${inner}${pythonValue(each, inner)},`)
    : Object.entries(value).map(
        ([name, each]) => `${inner}${JSON.stringify(name)}: ${pythonValue(each, inner)},`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return entries.length === 0 ? `${open}${close}` : `${open}\n${entries.join('\n')}\n${indent}${close}`;
}

function java({ method, url, queryKey, headers, body, digest, certificate }: Call): string {
  const client = certificate
    ? [
        'KeyStore keys = KeyStore.getInstance(new File("client.p12"), "changeit".toCharArray());',
        'KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");',
        'managers.init(keys, "changeit".toCharArray());',
        'SSLContext context = SSLContext.getInstance("TLS");',
        'context.init(managers.getKeyManagers(), null, null);',
        'HttpClient client = HttpClient.newBuilder().sslContext(context).build();',
      ]
    : ['HttpClient client = HttpClient.newHttpClient();'];
  const address =
    queryKey === undefined
      ? JSON.stringify(url)
      : `${JSON.stringify(withKey(url, queryKey))} + URLEncoder.encode(System.getenv("API_KEY"), "UTF-8")`;
  const publisher = body === undefined ? 'noBody()' : 'ofString(body)';
  const statements = [
    ...client,
    ...(body === undefined
      ? []
      : [`String body = """\n  ${indented(body.replaceAll('\\', '\\\\'), '  ')}""";`]),
    ...(digest
      ? [
          'byte[] sum = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));',
          'String digest = "sha-256=:" + Base64.getEncoder().encodeToString(sum) + ":";',
        ]
      : []),
    [
      `HttpRequest request = HttpRequest.newBuilder(URI.create(${address}))`,
      `  .method("${method}", HttpRequest.BodyPublishers.${publisher})`,
      ...headers.map(
        ([name, value]) =>
          `  .header("${name}", ${
            typeof value === 'string'
              ? JSON.stringify(value)
              : `${value.before === '' ? '' : `"${value.before}" + `}System.getenv("${value.variable}")`
          })`,
      ),
      ...(digest ? ['  .header("Content-Digest", digest)'] : []),
      '  .build();',
    ].join('\n'),
    'HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());',
    'System.out.println(response.statusCode() + " " + response.body());',
  ];
  return lines(
    certificate ? ['import java.io.File;'] : undefined,
    [
      'import java.net.URI;',
      queryKey === undefined ? '' : 'import java.net.URLEncoder;',
      'import java.net.http.*;',
    ].filter((line) => line !== ''),
    digest
      ? [
          'import java.nio.charset.StandardCharsets;',
          'import java.security.MessageDigest;',
          'import java.util.Base64;',
        ]
      : undefined,
    certificate ? ['import java.security.KeyStore;', 'import javax.net.ssl.*;'] : undefined,
    '',
    'class Sample {',
    '  public static void main(String[] args) throws Exception {',
    statements.map((statement) => `    ${indented(statement, '    ')}`),
    '  }',
    '}',
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
