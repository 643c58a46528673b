/** The front door as the authorizer objects that the construct library's own APIs take. */
import { Duration } from 'aws-cdk-lib';
import { IdentitySource, RequestAuthorizer, type CfnAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** @param cacheSeconds as the definition that `Api` imports has it: method and path are part of the key */
export function restAuthorizer(
  scope: Construct,
  handler: IFunction,
  cacheSeconds: number,
): RequestAuthorizer {
  const authorizer = new RequestAuthorizer(scope, 'RequestAuthorizer', {
    handler,
    resultsCacheTtl: Duration.seconds(cacheSeconds),
    identitySources:
      cacheSeconds === 0
        ? []
        : [
            IdentitySource.header('Authorization'),
            IdentitySource.context('httpMethod'),
            IdentitySource.context('path'),
          ],
  });
  // the construct library writes an empty text where there are no sources
  if (cacheSeconds === 0)
    (authorizer.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride('IdentitySource');
  return authorizer;
}

/** An authorizer of an HTTP API that tells its id once a route has it. */
export class HttpFrontDoorAuthorizer implements IHttpRouteAuthorizer {
  /** Undefined until a route has it. */
  authorizerId: string | undefined;
  private readonly inner: HttpLambdaAuthorizer;

  constructor(handler: IFunction) {
    this.inner = new HttpLambdaAuthorizer('FrontDoor', handler, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // without identity sources nobody is refused unseen: a request has a token or a cookie, rarely both
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  bind(...options: Parameters<IHttpRouteAuthorizer['bind']>): ReturnType<IHttpRouteAuthorizer['bind']> {
    const bound = this.inner.bind(...options);
    this.authorizerId = bound.authorizerId;
    return bound;
  }
}
