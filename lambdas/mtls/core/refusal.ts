/** Why a list or a certificate is refused: one stable rule, the byte it was broken at, and what to do. */

/** Every rule a list can break; rules are public and never change their meaning. */
export type Rule =
  // the encoding (X.690)
  | 'pem_malformed'
  | 'der_truncated'
  | 'der_tag_unexpected'
  | 'der_length_indefinite'
  | 'der_length_not_minimal'
  | 'der_length_too_large'
  | 'der_length_beyond_parent'
  | 'der_trailing_bytes'
  | 'der_nesting_too_deep'
  | 'der_integer_malformed'
  | 'der_boolean_malformed'
  | 'der_bits_malformed'
  | 'der_identifier_malformed'
  | 'time_malformed'
  // the list (RFC 5280 section 5)
  | 'list_too_large'
  | 'version_unsupported'
  | 'version_extensions'
  | 'name_malformed'
  | 'entries_empty'
  | 'entry_malformed'
  | 'serial_too_long'
  | 'extension_malformed'
  | 'extension_repeated'
  | 'extension_critical_unknown'
  | 'entry_extension_critical_unknown'
  | 'entry_reason_unknown'
  | 'entry_reason_only_in_delta'
  | 'entry_issuer_without_indirect'
  | 'entry_issuers_too_many'
  | 'some_reasons_only'
  | 'scope_contradictory'
  | 'distribution_point_missing'
  // who signed it
  | 'signature_algorithm_unsupported'
  | 'signature_algorithm_weak'
  | 'signature_algorithm_mismatch'
  | 'signature_malformed'
  | 'signature_invalid'
  | 'issuer_certificate_unreadable'
  | 'issuer_unknown'
  | 'issuer_key_unknown'
  | 'issuer_key_ambiguous'
  | 'issuer_may_not_sign_lists'
  | 'issuer_not_an_authority'
  | 'issuer_not_trusted'
  // when it holds
  | 'list_not_yet_valid'
  | 'list_expired'
  | 'list_too_old'
  | 'next_update_missing'
  | 'next_update_before_this_update'
  | 'number_backwards'
  | 'this_update_backwards'
  | 'number_missing'
  // deltas
  | 'delta_base_missing'
  | 'delta_base_too_old'
  | 'delta_key_differs'
  // where it is kept
  | 'upload_name_malformed'
  | 'upload_name_taken'
  // what was compiled
  | 'index_malformed'
  | 'manifest_malformed';

/**
 * A list, certificate or index that is refused.
 *
 * Thrown inside the core only; its entries (`compileList`, `readCertificate`) answer it as a value.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: Rule;
  /**
   * Byte at which the rule was broken, counted from 0: of the DER, of the file for `pem_malformed`; `undefined` for a rule
   * about the whole.
   */
  readonly offset: number | undefined;

  /** @param message what was found and, after a semicolon, what to do where that is not the same for the whole rule */
  constructor(code: Rule, message: string, offset?: number) {
    super(message.includes(';') ? message : `${message}; ${adviceOn(code)}`);
    this.code = code;
    this.offset = offset;
  }
}

const CERTIFY = 'have the CA certify the key for signing lists (cRLSign)';
const WITHIN = 'have the CA issue a list within this limit';
/** What to do about rules whose messages say no more than what was found. */
const ADVICE: Partial<Record<Rule, string>> = {
  issuer_key_unknown: 'give the certificate of the key that signed',
  issuer_may_not_sign_lists: CERTIFY,
  issuer_not_an_authority: CERTIFY,
  signature_algorithm_unsupported:
    'have the CA sign with RSA, RSA-PSS with one hash function, ECDSA on P-256, P-384 or P-521, or Ed25519',
  list_too_large: WITHIN,
  serial_too_long: WITHIN,
  index_malformed: 'compile the list again',
};

function adviceOn(code: Rule): string {
  if (/^(?:pem|der|time)_/.test(code))
    return 'the file is damaged, or was not written as DER: get it from the CA again';
  return ADVICE[code] ?? 'have the CA issue a list that keeps RFC 5280';
}

/** `rule at byte n: message`, the line operators read. */
export function describeRefusal({ code, offset, message }: Refusal): string {
  return `${code}${offset === undefined ? '' : ` at byte ${offset}`}: ${message}`;
}
