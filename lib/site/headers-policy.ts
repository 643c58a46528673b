/**
 * The header rules for every path as a response headers policy: CloudFront runs no viewer-response function where the
 * origin answered 400 or more, and the policy stands there too.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
import { Duration } from 'aws-cdk-lib';
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  type ResponseHeadersPolicyProps,
  type ResponseSecurityHeadersBehavior,
} from 'aws-cdk-lib/aws-cloudfront';

import { SiteError } from './site-error';

/** Most custom headers of a policy (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-policies). */
const MAX_CUSTOM = 10;

type Behavior = {
  -readonly [Key in keyof ResponseSecurityHeadersBehavior]: ResponseSecurityHeadersBehavior[Key];
};

/**
 * @param headers values by lower-case name
 * @throws SiteError for a value that a policy cannot express
 */
export function headersPolicyProps(headers: Readonly<Record<string, string>>): ResponseHeadersPolicyProps {
  const security: Behavior = {};
  const custom: { header: string; value: string; override: boolean }[] = [];
  for (const [name, value] of Object.entries(headers)) {
    // CloudFront takes these by fields of their own alone
    const place = SECURITY[name];
    if (place === undefined) custom.push({ header: name, value, override: true });
    else if (!place(security, value)) throw new SiteError(`${name}: ${value} cannot stand in a rule for /*`);
  }
  if (custom.length > MAX_CUSTOM) {
    throw new SiteError(
      `the rules for /* have ${custom.length} headers beside the security headers, and a policy takes ${MAX_CUSTOM}; move some to rules of a path`,
    );
  }
  return {
    securityHeadersBehavior: security,
    ...(custom.length === 0 ? {} : { customHeadersBehavior: { customHeaders: custom } }),
  };
}

/** Options by the text that a header has. */
const byText = <Option extends string>(
  options: Readonly<Record<string, Option>>,
): ReadonlyMap<string, Option> => new Map(Object.values(options).map((option) => [option, option]));
const FRAME_OPTIONS = byText(HeadersFrameOption);
const REFERRER_POLICIES = byText(HeadersReferrerPolicy);

/** Puts a value into its field; false where it does not fit. */
type Place = (security: Behavior, value: string) => boolean;

const SECURITY: Readonly<Partial<Record<string, Place>>> = {
  'content-security-policy': (security, value) => {
    security.contentSecurityPolicy = { contentSecurityPolicy: value, override: true };
    return true;
  },
  'strict-transport-security': (security, value) => {
    const [, seconds] = /^max-age=(\d+)(?:; *(?:includeSubDomains|preload))*$/i.exec(value) ?? [];
    if (seconds === undefined) return false;
    security.strictTransportSecurity = {
      accessControlMaxAge: Duration.seconds(Number(seconds)),
      includeSubdomains: /includeSubDomains/i.test(value),
      preload: /preload/i.test(value),
      override: true,
    };
    return true;
  },
  'x-content-type-options': (security, value) => {
    security.contentTypeOptions = { override: true };
    return value.toLowerCase() === 'nosniff';
  },
  'x-frame-options': (security, value) => {
    const frameOption = FRAME_OPTIONS.get(value.toUpperCase());
    if (frameOption === undefined) return false;
    security.frameOptions = { frameOption, override: true };
    return true;
  },
  'referrer-policy': (security, value) => {
    const referrerPolicy = REFERRER_POLICIES.get(value.toLowerCase());
    if (referrerPolicy === undefined) return false;
    security.referrerPolicy = { referrerPolicy, override: true };
    return true;
  },
};
