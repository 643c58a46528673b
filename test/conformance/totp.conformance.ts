/** One-time codes: the values of RFC 6238 and RFC 4226, and the cases of npm otpauth, through the product's own check. */
import { enrolmentOf, stepOf } from '../../lambdas/step-up/core/totp';
import { conformanceData } from './data';

/** One code of a counter, whatever made the counter (RFC 4226 section 5.3). */
interface Case {
  readonly name: string;
  readonly secret: Buffer;
  readonly algorithm: string;
  readonly counter: number;
  readonly code: string;
}

interface RfcFile {
  readonly rfc6238: readonly {
    readonly algorithm: string;
    readonly secretAscii: string;
    readonly epoch: number;
    readonly period: number;
    readonly expected: string;
  }[];
  readonly rfc4226: readonly {
    readonly secretAscii: string;
    readonly counter: number;
    readonly expected: string;
  }[];
}

interface OtpauthCase {
  readonly secretHex: string;
  readonly base32: string;
  readonly hotp: {
    readonly alg: { readonly algorithm?: string };
    readonly generate: { readonly input: { readonly counter?: number }; readonly output: string };
  };
  readonly totp: {
    readonly alg: { readonly algorithm?: string; readonly period?: number };
    readonly generate: { readonly input: { readonly timestamp?: number }; readonly output: string };
  };
}

const RFC = conformanceData('totp/rfc6238-rfc4226.json') as RfcFile;
const OTPAUTH = conformanceData('totp/otpauth-cases.json') as readonly OtpauthCase[];
/** Seconds of a step; a code of another period is that of its counter, so it is tried at the counter's time here. */
const PERIOD = 30;

const CASES: readonly Case[] = [
  ...RFC.rfc6238.map(({ algorithm, secretAscii, epoch, period, expected }) => ({
    name: `RFC 6238 ${algorithm} at ${epoch}`,
    secret: Buffer.from(secretAscii, 'ascii'),
    algorithm,
    counter: Math.floor(epoch / period),
    code: expected,
  })),
  ...RFC.rfc4226.map(({ secretAscii, counter, expected }) => ({
    name: `RFC 4226 counter ${counter}`,
    secret: Buffer.from(secretAscii, 'ascii'),
    algorithm: 'sha1',
    counter,
    code: expected,
  })),
  ...OTPAUTH.flatMap(({ secretHex, hotp, totp }, index) => {
    const secret = Buffer.from(secretHex, 'hex');
    return [
      {
        name: `otpauth HOTP ${index}`,
        secret,
        algorithm: hotp.alg.algorithm ?? 'sha1',
        counter: hotp.generate.input.counter ?? 0,
        code: hotp.generate.output,
      },
      {
        name: `otpauth TOTP ${index}`,
        secret,
        algorithm: totp.alg.algorithm ?? 'sha1',
        counter: Math.floor((totp.generate.input.timestamp ?? 0) / 1000 / (totp.alg.period ?? PERIOD)),
        code: totp.generate.output,
      },
    ];
  }),
];

/** Authenticator apps read SHA-1 whatever the key URI says, so the product offers no other. */
const isOffered = ({ algorithm }: Case): boolean => /^sha-?1$/i.test(algorithm);
/** Fewer digits are the last ones of more: both are the same number modulo a power of ten (RFC 4226 section 5.3). */
const sixOf = ({ code }: Case): string => code.slice(-6);
const timeOf = (counter: number): number => counter * PERIOD * 1000;
const named = (cases: readonly Case[]): (readonly [string, Case])[] => cases.map((one) => [one.name, one]);

test('the suite is the one these expectations were written for', () => {
  expect([RFC.rfc6238.length, RFC.rfc4226.length, OTPAUTH.length]).toEqual([18, 10, 22]);
  expect([CASES.length, CASES.filter(isOffered).length]).toEqual([72, 36]);
  expect(CASES.every(({ code }) => /^\d{6,}$/.test(code))).toBe(true);
});

describe('equal codes', () => {
  test.each(named(CASES.filter(isOffered)))('%s: its step and its neighbours take it, no other', (_, one) => {
    const { secret, counter } = one;
    const at = (step: number): number | undefined => stepOf(secret, sixOf(one), timeOf(step));

    expect([at(counter), at(counter + 1), at(counter + 2)]).toEqual([counter, counter, undefined]);
    expect(at(counter - 1)).toBe(counter);
    // the last moment of the step
    expect(stepOf(secret, sixOf(one), timeOf(counter + 1) - 1)).toBe(counter);
    const wrong = sixOf(one).replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    expect(stepOf(secret, wrong, timeOf(counter))).toBeUndefined();
  });

  test.each(named(CASES.filter((one) => !isOffered(one))))('%s: another hash is not offered', (_, one) => {
    expect(stepOf(one.secret, sixOf(one), timeOf(one.counter))).toBeUndefined();
  });
});

test.each(OTPAUTH.map((one, index) => [index, one] as const))(
  'otpauth %i: an app is told the same secret',
  (_, { secretHex, base32 }) => {
    const { secret, uri } = enrolmentOf(Buffer.from(secretHex, 'hex'), { issuer: 'ACME', account: 'ada' });

    expect(secret).toBe(base32);
    expect(new URL(uri).searchParams.get('secret')).toBe(base32);
  },
);
