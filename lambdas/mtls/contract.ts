/** What the constructs and the functions of certificate lists agree on: keys of the bucket, environments, metrics. */
import { envContract, integer, oneOf, optional, text } from '../_kernel/env';

/** Where administrators put `<name>.crl`, and `<name>.crl.crt` where the issuer is not in the trust store. */
export const UPLOADS = 'uploads/';
/** Where AWS Private CA writes its lists: `crl/<id>.crl`, and `crl/<id>/<partition>.crl` where it partitions them. */
export const PRIVATE_CA_UPLOADS = 'crl/';
/** Ends the key of a list. */
export const LIST_SUFFIX = '.crl';
/** Follows the key of a list in that of its issuer's certificate. */
export const ISSUER_SUFFIX = '.crt';

/** Where manifests are, one for each list in force, each written last. */
export const MANIFESTS = 'current/';
const MANIFEST_SUFFIX = '.cache.json';
/** Where indexes are, each under its SHA-256, written before the manifest that names it and never changed. */
export const INDEXES = 'indexes/';

/** Object of the trust store's own bucket: the certificates that API Gateway trusts, PEM. */
export const TRUST_STORE_KEY = 'truststore.pem';

/** @param name of the uploaded list, without prefix and suffix */
export function manifestKey(name: string): string {
  return `${MANIFESTS}${name}${MANIFEST_SUFFIX}`;
}

/** Name of the list whose manifest has this key; `undefined` for every other key. */
export function nameOfManifest(key: string): string | undefined {
  if (!key.startsWith(MANIFESTS) || !key.endsWith(MANIFEST_SUFFIX)) return undefined;
  return key.slice(MANIFESTS.length, -MANIFEST_SUFFIX.length) || undefined;
}

/** @param digest SHA-256 of the index in hexadecimal, `index.key` of the manifest */
export function indexKey(digest: string): string {
  return `${INDEXES}${digest}`;
}

/** How long a list counts; spread into the contract of every function that judges lists. */
const timeVariables = {
  /** What happens after nextUpdate. */
  FRESHNESS: oneOf('hard', 'grace', 'soft'),
  /** Hours after nextUpdate for which a list still counts; needed with `grace`, unused otherwise. */
  GRACE_HOURS: optional(integer({ min: 1, max: 8760 })),
  /** Hours after thisUpdate from which no list counts; a list without nextUpdate is refused unless it is set. */
  MAXIMUM_AGE_HOURS: optional(integer({ min: 1, max: 87_600 })),
};

/** Bucket of lists, manifests and indexes, and where AWS is. */
const bucketVariables = {
  LISTS_BUCKET: text(),
  /**
   * Where AWS service calls go instead of AWS, as for every AWS SDK
   * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
   */
  AWS_ENDPOINT_URL: optional(text()),
};

/** Of the function that an upload starts. */
export const preprocessEnv = envContract({
  ...timeVariables,
  ...bucketVariables,
  TRUST_STORE_BUCKET: text(),
  TRUST_STORE_KEY: text(),
  /** Prefixes under which lists are uploaded, separated by spaces. */
  UPLOAD_PREFIXES: text(),
  /** Largest list in MiB; about half the memory of the function, so that what is too large is refused by name. */
  MAXIMUM_LIST_MIB: integer({ min: 1, max: 1024 }),
});

/** Of the function that looks how old the lists in force are. */
export const freshnessEnv = envContract(bucketVariables);

/** Of the function that fetches lists from where a CA publishes them. */
export const fetchEnv = envContract({
  ...bucketVariables,
  /** JSON of `name` and `url` of each source; nothing else is ever fetched. */
  FETCH_SOURCES: text(),
});

/** Of the function that tries a revoked certificate. */
export const canaryEnv = envContract({
  /** Address that the front door must refuse. */
  CANARY_URL: text(),
  /** Secret with JSON of `certificate` and `key`, PEM. */
  CANARY_SECRET_ARN: text(),
  AWS_ENDPOINT_URL: optional(text()),
});

/** Of the function that gives the lists in force to a trust store of a load balancer. */
export const trustStoreEnv = envContract({ ...bucketVariables, LOAD_BALANCER_TRUST_STORE_ARN: text() });

/** Of the function that gives the entries of the lists in force to a key value store of CloudFront. */
export const keyValueStoreEnv = envContract({ ...bucketVariables, KEY_VALUE_STORE_ARN: text() });

/** Where the load balancer's revocations of each list are noted. */
export const ELSEWHERE = 'elsewhere/';

/** A list was refused, so the one before it stays in force. */
export const REFUSED_METRIC = 'RevocationListRefused';
/** Seconds from the upload of a list to its publication. */
export const TIME_TO_PUBLISH_METRIC = 'TimeToPublish';
/** Seconds from thisUpdate of a list to its publication: how long what a CA revoked was not known here. */
export const DELAY_METRIC = 'RevocationListDelay';
/** Seconds from the publication of a list to the last answer by the one before, in one process of a check; 0 for none. */
export const IN_USE_METRIC = 'RevocationInUse';
/** Seconds from thisUpdate of a list to the same: how long the check did not know what a CA had revoked. */
export const TIME_TO_REVOKE_METRIC = 'TimeToRevoke';
/** A manifest, an index or their listing could not be read by a check, or a manifest went back. */
export const READS_FAILED_METRIC = 'RevocationListReadsFailed';
/** Seconds since thisUpdate of each list in force. */
export const AGE_METRIC = 'RevocationListAge';
/** Seconds until nextUpdate of each list in force, negative after it. */
export const TIME_LEFT_METRIC = 'RevocationListTimeLeft';
/** A source could not be fetched. */
export const FETCH_FAILED_METRIC = 'RevocationListFetchFailed';
/** The revoked certificate was refused, as it must be. */
export const CANARY_REFUSED_METRIC = 'CanaryRefused';
/** The revoked certificate was let in. */
export const CANARY_ADMITTED_METRIC = 'CanaryAdmitted';
/** A list in force is not at another enforcement point, which keeps the one before. */
export const ELSEWHERE_REFUSED_METRIC = 'RevocationListElsewhereRefused';

/** Of the front door where it checks client certificates. */
export const revocationCheckEnv = envContract({
  ...timeVariables,
  LISTS_BUCKET: text(),
  /** Seconds for which a list is relied on without asking whether it changed; 0 asks at every request. */
  REVALIDATE_SECONDS: integer({ min: 0, max: 300 }),
  /** Seconds after the last time S3 answered about a list from which the list no longer counts. */
  MAXIMUM_STALE_SECONDS: integer({ min: 60, max: 86_400 }),
  /** Largest index that is held in memory; of a larger one pages are read. */
  INDEX_MEMORY_MIB: integer({ min: 0, max: 4096 }),
  /** `fallback`: responders are asked about certificates that no list speaks of. */
  OCSP: optional(oneOf('fallback')),
});

/** Of the same function where it asks responders. */
export const ocspEnv = envContract({
  /** Addresses that may be asked, separated by spaces; nothing else ever is. */
  OCSP_RESPONDERS: text(),
  /** Seconds for which an answer is kept at most. */
  OCSP_MAXIMUM_AGE_SECONDS: integer({ min: 1, max: 86_400 }),
  TRUST_STORE_BUCKET: text(),
  TRUST_STORE_KEY: text(),
});

export type OcspSettings = ReturnType<typeof ocspEnv.read>;

/** A responder gave no answer that counts. */
export const OCSP_METRIC = 'OcspFailed';

export type CheckSettings = ReturnType<typeof revocationCheckEnv.read>;
