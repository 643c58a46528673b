/** The example apps: what adopting takes, and that every route is what its document says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';

import { Intake } from '../../examples/data-scan/app';
import { HttpOrders } from '../../examples/http-api/app';
import { Partners } from '../../examples/mutual-tls/app';
import { RestOrders } from '../../examples/rest-api/app';
import { Refunds } from '../../examples/step-up/app';
import { Authority } from '../mtls/authority';
import { pem } from '../mtls/make-crl';

const ROOT = join(__dirname, '../..');
const MOST_LINES = 15;

function app(): App {
  return new App({ context: { 'aws:cdk:bundling-stacks': [] } });
}

/** Lines between the marks `// adopt {` and `// }`. */
function adoptedLines(source: string): string[] {
  return [...source.matchAll(/^ *\/\/ adopt \{\n([\s\S]*?)^ *\/\/ \}\n/gm)].flatMap(([, lines = '']) =>
    lines.trimEnd().split('\n'),
  );
}

test.each(['rest', 'http'])(`adopting on a %s API takes at most ${MOST_LINES} lines`, (kind) => {
  const source = readFileSync(join(ROOT, `examples/${kind}-api/app.ts`), 'utf8');
  const lines = adoptedLines(source);

  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
  // nothing of it stands outside the marks, but for the imports
  const outside = source
    .split('\n')
    .filter((line) => !lines.includes(line) && !/^(import|} from|\/\*\*)/.test(line));
  expect(outside.filter((line) => /frontDoor|cookieAuth|FrontDoor|CookieAuth|document/.test(line))).toEqual(
    [],
  );
});

test('every method of the REST API has the authorizer, but for those the document opens to everybody', () => {
  const template = Template.fromStack(new RestOrders(app(), 'rest'));
  const paths = new Map(
    Object.entries(template.findResources('AWS::ApiGateway::Resource')).map(([id, { Properties }]) => [
      id,
      Properties as { PathPart: string; ParentId: { Ref?: string } },
    ]),
  );
  const pathOf = (id: string | undefined): string => {
    const found = id === undefined ? undefined : paths.get(id);
    return found === undefined ? '' : `${pathOf(found.ParentId.Ref)}/${found.PathPart}`;
  };
  const methods = Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => {
    const method = Properties as {
      HttpMethod: string;
      ResourceId: { Ref?: string };
      AuthorizationType: string;
      AuthorizerId?: { Ref: string };
    };
    return `${method.HttpMethod} ${pathOf(method.ResourceId.Ref)} ${method.AuthorizationType} ${String(method.AuthorizerId?.Ref.startsWith('FrontDoor'))}`;
  });

  expect(methods.sort()).toEqual([
    'GET /auth/callback NONE undefined',
    'GET /auth/login NONE undefined',
    'GET /auth/session CUSTOM true',
    'GET /orders CUSTOM true',
    'GET /status NONE undefined',
    'POST /auth/logout CUSTOM true',
    'POST /orders CUSTOM true',
  ]);
});

test(`adopting revocation of client certificates takes at most ${MOST_LINES} lines`, () => {
  const source = readFileSync(join(ROOT, 'examples/mutual-tls/app.ts'), 'utf8');
  const lines = adoptedLines(source);

  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
  const outside = source
    .split('\n')
    .filter((line) => !lines.includes(line) && !/^(import|\/\*\*)/.test(line));
  expect(
    outside.filter((line) => /frontDoor|FrontDoor|new (Revocation|TrustStore)|document/.test(line)),
  ).toEqual([]);
});

test('the API of partners is behind mutual TLS, the authorizer and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-partners-'));
  const authorities = join(folder, 'ca.pem');
  writeFileSync(authorities, pem('CERTIFICATE', new Authority('CA').der));
  const certificateArn = 'arn:aws:acm:us-east-1:111111111111:certificate/1';
  const stack = new Partners(app(), 'partners', {
    domainName: 'partners.example.com',
    certificateArn,
    authorities,
  });
  const template = Template.fromStack(stack);
  rmSync(folder, { recursive: true });

  template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
  template.hasResourceProperties('AWS::ApiGateway::DomainName', {
    SecurityPolicy: 'TLS_1_2',
    MutualTlsAuthentication: { TruststoreUri: Match.anyValue(), TruststoreVersion: Match.anyValue() },
  });
  template.allResourcesProperties('AWS::ApiGateway::Method', { AuthorizationType: 'CUSTOM' });
  template.resourceCountIs('AWS::ApiGateway::Method', 1);
});

test('every route of the HTTP API has the authorizer, but for those the document opens to everybody', () => {
  const template = Template.fromStack(new HttpOrders(app(), 'http'));
  const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => {
    const route = Properties as {
      RouteKey: string;
      AuthorizationType: string;
      AuthorizerId?: { Ref: string };
    };
    return `${route.RouteKey} ${route.AuthorizationType} ${String(route.AuthorizerId?.Ref.includes('FrontDoor'))}`;
  });

  expect(routes.sort()).toEqual([
    'GET /auth/callback NONE undefined',
    'GET /auth/login NONE undefined',
    'GET /auth/session CUSTOM true',
    'GET /orders CUSTOM true',
    'POST /auth/logout CUSTOM true',
    'POST /orders CUSTOM true',
  ]);
});

test('adopting step-up takes three lines, and the tables and the key are the app’s own', () => {
  const source = readFileSync(join(ROOT, 'examples/step-up/app.ts'), 'utf8');
  expect(adoptedLines(source)).toHaveLength(3);

  const template = Template.fromStack(new Refunds(app(), 'refunds'));
  template.resourceCountIs('AWS::DynamoDB::GlobalTable', 3);
  template.resourceCountIs('AWS::KMS::Key', 1);
  const [body] = Object.values(template.findResources('AWS::ApiGateway::RestApi')).map(
    ({ Properties }) =>
      (Properties as { Body: { paths: Record<string, Record<string, { security?: object[] }>> } }).Body,
  );
  const open = Object.entries(body!.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) => security === undefined || security.length === 0)
      .map(([method]) => `${method} ${path}`),
  );
  expect(Object.keys(body!.paths)).toHaveLength(10);
  expect(open).toEqual([]);
});

test('adopting the data scan takes at most twenty lines; its data is its own, encrypted, and open to nobody', () => {
  const source = readFileSync(join(ROOT, 'examples/data-scan/app.ts'), 'utf8');
  expect(adoptedLines(source).length).toBeLessThanOrEqual(20);

  const template = Template.fromStack(new Intake(app(), 'intake'));
  template.resourceCountIs('AWS::S3::Bucket', 5);
  template.allResourcesProperties('AWS::S3::Bucket', {
    VersioningConfiguration: { Status: 'Enabled' },
    PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
  });
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  // Macie is turned on once in a Region, by whoever runs it
  template.resourceCountIs('AWS::Macie::Session', 0);
  template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email' });
});
