/** Settings of the API of operations with a `mutualTLS` scheme, and of the lists that revoke client certificates. */
import { z } from 'zod';

/** How often something runs by the clock. */
const everyMinutes = z.int().min(1).max(1440);

/** @param service and what of it, as they stand in its ARNs; `example` ends the message */
function arn(service: string, resource: string, what: string, example: string): z.ZodString {
  return z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:${service}:\\d{12}:${resource}$`),
      `is not the ARN of ${what} (${example})`,
    );
}

export const mtlsSettings = z
  .strictObject({
    /** Domain that clients with certificates call. */
    domain: z
      .string()
      .regex(
        /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
        'is not a domain name in lower case, e.g. partners.example.com',
      ),
    /** Certificate of the domain in ACM, in the same region. */
    certificateArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[a-zA-Z0-9-]+$/,
        'is not the ARN of a certificate in ACM',
      ),
    /** Zone in Route 53 that gets the records of the domain; `null` leaves them to you. */
    hostedZone: z.strictObject({ id: z.string().min(1), name: z.string().min(1) }).nullable(),
    /** PEM file with the certificates of the CAs that clients may come from; a relative path starts at the project. */
    trustStore: z.string().min(1),
    /** What happens after nextUpdate of a list: `hard` refuses its certificates, `grace` after so many hours, `soft` never. */
    freshness: z.union([
      z.strictObject({ policy: z.enum(['hard', 'soft']) }),
      z.strictObject({ policy: z.literal('grace'), hours: z.int().min(1).max(8760) }),
    ]),
    /** Hours before its nextUpdate at which a list that nobody replaced raises the alarm. */
    warnBeforeHours: z.int().min(1).max(8760),
    /** Lists that are fetched from where a CA publishes them, each as if it had been uploaded as `<name>.crl`. */
    fetch: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(
              /^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$/,
              'is not the name of a list: 1 to 39 letters, digits, dots, hyphens and underscores, e.g. partner-ca',
            ),
          /** Lists are signed, so http is as safe, and what most CAs have. */
          url: z
            .string()
            .regex(
              /^https?:\/\/[^\s/?#@]+(\/[^\s#]*)?$/,
              'is not an address of https or http without user and fragment',
            ),
          everyMinutes,
          /** Whether the name may stand for a private address, as that of a CA inside may. */
          allowPrivateAddresses: z.boolean().optional(),
        }),
      )
      .refine((lists) => new Set(lists.map(({ name }) => name)).size === lists.length, {
        error: 'is wrong: two lists have the same name; give each its own',
      }),
    /** A revoked certificate that is tried, to be told when it is let in; `null` tries none. */
    canary: z
      .strictObject({
        /** Secret with `certificate` and `key`, PEM, in JSON. */
        secretArn: arn(
          'secretsmanager:[a-z0-9-]+',
          'secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}',
          'a secret with its last six characters',
          'arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>',
        ),
        everyMinutes,
      })
      .nullable(),
    /** Trust store of an Application Load Balancer that gets every list too. */
    loadBalancerTrustStoreArn: arn(
      'elasticloadbalancing:[a-z0-9-]+',
      'truststore/[A-Za-z0-9-]+/[a-f0-9]+',
      'a trust store of a load balancer',
      'arn:aws:elasticloadbalancing:<region>:<account>:truststore/<name>/<id>',
    ).nullable(),
    /** Key value store of CloudFront that gets the entries of every list too. */
    keyValueStoreArn: arn(
      'cloudfront:',
      'key-value-store/[a-z0-9-]+',
      'a key value store of CloudFront',
      'arn:aws:cloudfront::<account>:key-value-store/<id>',
    ).nullable(),
    /** Authorities of AWS Private CA that write their lists into the bucket. */
    privateAuthorities: z.array(
      arn(
        'acm-pca:[a-z0-9-]+',
        'certificate-authority/[a-f0-9-]+',
        'an authority of AWS Private CA',
        'arn:aws:acm-pca:<region>:<account>:certificate-authority/<id>',
      ),
    ),
    /** Hours after thisUpdate from which a list no longer counts; `null` for no limit. */
    maximumAgeHours: z.int().min(1).max(87_600).nullable(),
    /** Seconds for which a list is relied on without asking whether it changed; 0 asks at every request. */
    revalidateSeconds: z.int().min(0).max(300),
    /** Minutes without an answer of S3 after which a list no longer counts. */
    maximumStaleMinutes: z.int().min(1).max(1440),
    /** Most of the index of a list that is held in memory, in MiB; the rest is read by range at each request. */
    indexMemoryMiB: z.int().min(0).max(4096),
    /**
     * OCSP responders that are asked about certificates that no list speaks of, by their addresses as the certificates
     * name them; no other address is ever asked. `null` denies those certificates.
     */
    ocsp: z
      .strictObject({
        responders: z
          .array(
            z
              .string()
              .regex(
                /^https?:\/\/[a-z0-9.-]+(:\d+)?(\/[!-~]*)?$/,
                'is not the http:// or https:// address of a responder',
              ),
          )
          .min(1),
        /** Minutes for which an answer is kept at most, so that a revocation is known after them. */
        maximumAgeMinutes: z.int().min(1).max(1440),
      })
      .nullable(),
    /** As for `frontDoor`, of the authorizer of this API. */
    reservedConcurrency: z.int().min(1).nullable(),
    provisionedConcurrency: z.int().min(1).nullable(),
    /** Times at which another number of instances is kept warm: cron expressions of EventBridge, in UTC. */
    warmSchedule: z.array(
      z.strictObject({
        at: z.string().regex(/^cron\(.+\)$/, 'is not a cron expression, e.g. cron(0 7 ? * MON-FRI *)'),
        instances: z.int().min(1),
      }),
    ),
  })
  .refine(
    ({ reservedConcurrency, provisionedConcurrency, warmSchedule }) =>
      Math.max(provisionedConcurrency ?? 0, ...warmSchedule.map(({ instances }) => instances)) <=
      (reservedConcurrency ?? Number.POSITIVE_INFINITY),
    'is wrong: more instances are kept warm than reservedConcurrency, their ceiling; lower one or raise the other',
  );

/** Everything of `mtls` that has a sensible default; domain, certificate and trust store are the deployment's own. */
export const MTLS_DEFAULTS = {
  hostedZone: null,
  freshness: { policy: 'hard' },
  warnBeforeHours: 24,
  fetch: [],
  canary: null,
  loadBalancerTrustStoreArn: null,
  keyValueStoreArn: null,
  privateAuthorities: [],
  maximumAgeHours: null,
  revalidateSeconds: 5,
  maximumStaleMinutes: 60,
  indexMemoryMiB: 64,
  ocsp: null,
  reservedConcurrency: null,
  provisionedConcurrency: null,
  warmSchedule: [],
} as const;
