import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';

import { Api, type ApiAuthorizer, type ApiProps, type OpenApiDocument, ResponseValidation } from '../../lib';
import { LargeStack } from './large-app';
import { sampleDocument, type MutableDocument } from './sample';

/** @param leftOut operations whose function is null */
function apiOf(
  document: OpenApiDocument,
  operations: readonly string[],
  props: Partial<ApiProps> = {},
  leftOut: readonly string[] = [],
): Api {
  const stack = new Stack(new App(), 'sample');
  const handler = new LambdaFunction(stack, 'Handler', {
    code: Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  }) as IFunction;
  const authorizer: ApiAuthorizer = { handler, resultCacheSeconds: 0, enforces: () => true };
  return new Api(stack, 'Api', {
    document,
    handlers: Object.fromEntries([
      ...operations.map((id) => [id, handler] as const),
      ...leftOut.map((id) => [id, null] as const),
    ]),
    authorizer,
    ...props,
  });
}

function synthesize(...given: Parameters<typeof apiOf>): Template {
  return Template.fromStack(Stack.of(apiOf(...given)));
}

describe('Api', () => {
  const all = ['ping', 'transfer', 'getTransfer'];

  test('SPEC-01 fails the synth for an operation without security, and for one with an unknown scheme', () => {
    const withoutSecurity = sampleDocument(
      (d: MutableDocument) => delete d.paths['/transfers']!['post']!['security'],
    );
    const unknownScheme = sampleDocument(
      (d) => (d.paths['/transfers']!['post']!['security'] = [{ other: [] }]),
    );

    expect(() => synthesize(sampleDocument(), all)).not.toThrow();
    expect(() => synthesize(withoutSecurity, all)).toThrow('POST /transfers: security is missing');
    expect(() => synthesize(unknownScheme, all)).toThrow('security scheme other is not declared');
  });

  test('fails for an operation without a function, and for a function without an operation', () => {
    expect(() => synthesize(sampleDocument(), ['ping', 'transfer'])).toThrow(
      'GET /transfers/{transferId}: no function is behind operationId getTransfer',
    );
    expect(() => synthesize(sampleDocument(), [...all, 'getTransfers'])).toThrow(
      'handlers.getTransfers is the operationId of no operation',
    );
  });

  test('leaves out an operation whose function is null, and says so', () => {
    const kept = all.filter((id) => id !== 'getTransfer');
    const definitionOf = (...given: Parameters<typeof apiOf>): string =>
      JSON.stringify(synthesize(...given).findResources('AWS::ApiGateway::RestApi'));

    expect(definitionOf(sampleDocument(), all)).toContain('getTransfer');
    expect(definitionOf(sampleDocument(), kept, {}, ['getTransfer'])).not.toContain('getTransfer');
    expect(apiOf(sampleDocument(), kept, {}, ['getTransfer']).losses).toContainEqual({
      place: 'GET /transfers/{transferId}',
      what: 'not deployed',
      madeUpBy: 'nobody: its function is null among the handlers',
    });
    expect(apiOf(sampleDocument(), all).losses.map(({ what }) => what)).not.toContain('not deployed');
    expect(() => synthesize(sampleDocument(), all, {}, ['nobody'])).not.toThrow();
  });

  test('writes neither path nor query nor address of a request to the access log', () => {
    const [stage] = Object.values(
      synthesize(sampleDocument(), all).findResources('AWS::ApiGateway::Stage'),
    ) as {
      Properties: { AccessLogSetting: { Format: string } };
    }[];
    const { Format } = stage!.Properties.AccessLogSetting;

    expect(Format).toContain('$context.resourcePath');
    expect(Format).not.toMatch(/context\.path|querystring|sourceIp|authorizer\.(?!status)/);
  });

  test('makes a new deployment of the API for every change of the document', () => {
    const deploymentOf = (document: OpenApiDocument): string[] =>
      Object.keys(synthesize(document, all).findResources('AWS::ApiGateway::Deployment'));
    const opened = sampleDocument((d) => (d.paths['/transfers']!['post']!['security'] = []));

    expect(deploymentOf(sampleDocument())).toEqual(deploymentOf(sampleDocument()));
    expect(deploymentOf(opened)).not.toEqual(deploymentOf(sampleDocument()));
  });

  test('takes a document of 300 operations within the limits of one template', () => {
    const stack = new LargeStack(new App(), {
      operations: 300,
      userPoolId: 'us-east-1_abc',
      clientId: 'c',
      cacheSeconds: 0,
    });
    const template = Template.fromStack(stack).toJSON() as { Resources: Record<string, { Type: string }> };
    const [restApi] = Object.values(template.Resources).filter(
      ({ Type }) => Type === 'AWS::ApiGateway::RestApi',
    ) as unknown as {
      Properties: { Body: { paths: object } };
    }[];

    expect(Object.keys(restApi!.Properties.Body.paths)).toHaveLength(300);
    expect(Object.keys(template.Resources).length).toBeLessThan(50);
    expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
  });

  test('says so when a document does not fit into one template', () => {
    const build = (): unknown =>
      new LargeStack(new App(), {
        operations: 2500,
        userPoolId: 'us-east-1_abc',
        clientId: 'c',
        cacheSeconds: 0,
      });

    expect(build).toThrow(
      /the definition of 2500 operations takes \d+ bytes, 900000 fit into a template; split/,
    );
  });

  test('tells its functions what to do about answers off the document, with one alarm for all of them', () => {
    const template = synthesize(sampleDocument(), all, {
      responseValidation: { percent: 25, mismatch: 'report' },
    });
    const variables = {
      RESPONSE_VALIDATION_PERCENT: '25',
      RESPONSE_MISMATCH: 'report',
      RESPONSE_METRIC_API: 'sample-Api',
    };

    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: variables } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ResponseMismatch',
      Namespace: 'Sallyport',
      Dimensions: [{ Name: 'Api', Value: 'sample-Api' }],
      Threshold: 1,
      Statistic: 'Sum',
    });
    expect(JSON.stringify(synthesize(sampleDocument(), all))).not.toMatch(/RESPONSE_|ResponseMismatch/);
  });

  test('cannot tell that to a function of another app, and says so', () => {
    const stack = new Stack(new App(), 'other');
    const arn = 'arn:aws:lambda:us-east-1:111122223333:function:other';
    const handler = LambdaFunction.fromFunctionArn(stack, 'Theirs', arn);
    const validation = { percent: 100, mismatch: 'report' } as const;

    expect(() => new ResponseValidation(stack, 'Responses', validation, { ping: handler })).toThrow(
      'handlers.ping is not a function of this app',
    );
  });
});
