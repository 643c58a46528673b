/** Existing APIs as arguments: the construct library's classes do not fit its own interfaces under exactOptionalPropertyTypes. */
import type { IRestApi, RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';

export type ExistingRestApi = IRestApi | RestApi;
export type ExistingHttpApi = IHttpApi | HttpApi;
