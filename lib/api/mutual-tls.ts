/** The only way to an API whose callers have client certificates: a Regional domain with mutual TLS. */
import { DomainName, EndpointType, SecurityPolicy, type IRestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AaaaRecord, ARecord, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Certificates of the CAs that clients may come from; `TrustStore` of mtls is one. */
export interface TrustedAuthorities {
  readonly bucket: IBucket;
  readonly key: string;
  /** Version of the object, so that a changed bundle is rolled out and a rollback brings the old one back. */
  readonly version: string;
}

export interface MutualTlsDomain {
  /** E.g. `partners.example.com`. */
  readonly name: string;
  /** Certificate of the domain in ACM, in the region of the API. */
  readonly certificateArn: string;
  readonly authorities: TrustedAuthorities;
  /** Zone that gets the records of the domain. @default the records are made by hand */
  readonly hostedZone?: IHostedZone;
}

/**
 * API Gateway checks chain and dates of client certificates in the handshake, TLS 1.2 or newer, and hands the certificate
 * to the authorizer.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
 */
export class MutualTls extends Construct {
  readonly domain: DomainName;

  constructor(scope: Construct, id: string, restApi: IRestApi, props: MutualTlsDomain) {
    super(scope, id);
    const { bucket, key, version } = props.authorities;
    this.domain = new DomainName(this, 'Domain', {
      domainName: props.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', props.certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
      mtls: { bucket, key, version },
      mapping: restApi,
    });
    if (props.hostedZone === undefined) return;
    const target = RecordTarget.fromAlias(new ApiGatewayDomain(this.domain));
    for (const [name, Record] of [
      ['Ipv4', ARecord],
      ['Ipv6', AaaaRecord],
    ] as const)
      new Record(this, name, { zone: props.hostedZone, recordName: `${props.name}.`, target });
  }
}
