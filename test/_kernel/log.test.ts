import { EnvironmentError } from '../../lambdas/_kernel/env';
import { createLogger } from '../../lambdas/_kernel/log';

/** Longer than what counts as a secret elsewhere. */
const FUNCTION = 'sallyport-prod-api-FrontDoorAuthorizer0A1B2C3D-AbCdEfGhIjKl';

function givenLogger(): {
  logger: ReturnType<typeof createLogger>;
  lines: Record<string, unknown>[];
  raw: string[];
} {
  const raw: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const sink = (line: string): void => {
    raw.push(line);
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return {
    logger: createLogger({ sink, clock: () => 1_700_000_000_000, functionName: FUNCTION }),
    lines,
    raw,
  };
}

describe('the logger', () => {
  it('writes one JSON line with level, time, event and fields', () => {
    const { logger, lines, raw } = givenLogger();

    logger.info('started', { count: 2, ok: true, reason: 'cold', absent: undefined });
    logger.warn('slow');

    expect(lines).toEqual([
      {
        level: 'info',
        time: '2023-11-14T22:13:20.000Z',
        event: 'started',
        count: 2,
        ok: true,
        reason: 'cold',
      },
      { level: 'warn', time: '2023-11-14T22:13:20.000Z', event: 'slow' },
    ]);
    expect(raw[0]).not.toContain('\n');
  });

  it.each([
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
    ['a JWT inside a text', 'token was eyJhbGciOiJub25lIn0.eyJ9. indeed'],
    ['a JWT split by a control character', 'eyJhbGci\u0000OiJub25lIn0\u200b.e30.'],
    ['a bearer header', 'Bearer abc'],
    ['a basic header', 'authorization: basic dTpw'],
    ['a session cookie', '__Host-session=abc'],
    ['a cookie header', 'a=1; b=2'],
    ['a named cookie header', 'Cookie: a=1'],
    ['a long base64url run', 'k'.repeat(40)],
    ['a padded base64 digest', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
  ])('replaces %s', (_case, value) => {
    const { logger, lines } = givenLogger();

    logger.info('seen', { value });

    expect(lines[0]?.['value']).toBe('[redacted]');
  });

  it.each([
    'session_expired',
    '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11',
    'GET /widgets/{widgetId}',
    'k'.repeat(39),
    'a=1',
  ])('keeps %j', (value) => {
    const { logger, lines } = givenLogger();

    logger.info('seen', { value });

    expect(lines[0]?.['value']).toBe(value);
  });

  it('takes out control characters and cuts long texts', () => {
    const { logger, lines } = givenLogger();

    logger.info('seen', { forged: 'a\n{"level":"info"}\r\u2028\u202eb', long: 'word '.repeat(100) });

    expect(lines[0]?.['forged']).toBe('a{"level":"info"}b');
    expect((lines[0]?.['long'] as string).length).toBe(256);
  });

  it('does not let a field take the place of the event', () => {
    const { logger, lines } = givenLogger();
    const fields = JSON.parse('{"event":"forged","level":"forged"}') as Record<string, never>;

    logger.info('real', fields);

    expect(lines[0]).toMatchObject({ event: 'real', level: 'info' });
  });

  it('tells of a cause its name, code and places, never its message', () => {
    const { logger, lines, raw } = givenLogger();
    const cause = Object.assign(new Error('secret\n    at secret (secret:1:1)'), { code: 'E_FULL' });

    logger.error('failed', {}, cause);

    expect(lines[0]?.['cause']).toMatchObject({ name: 'Error', code: 'E_FULL' });
    const { frames } = lines[0]?.['cause'] as { frames: string[] };
    expect(frames[0]).toMatch(/log\.test\.ts:\d+:\d+$/);
    expect(raw.join()).not.toContain('secret');
  });

  it('tells which keys of the environment are wrong', () => {
    const { logger, lines } = givenLogger();

    logger.error(
      'failed',
      {},
      new EnvironmentError([{ key: 'TABLE', expected: 'a text', reason: 'missing' }]),
    );

    expect(lines[0]?.['cause']).toMatchObject({ code: 'ENVIRONMENT_INVALID', keys: ['TABLE'] });
  });

  it.each([
    ['a secret text', 'string'],
    [null, 'null'],
    [undefined, undefined],
    [{ secret: 1 }, 'object'],
  ])('survives %j being thrown', (cause, name) => {
    const { logger, lines, raw } = givenLogger();

    logger.error('failed', {}, cause);

    expect(lines[0]?.['cause']).toEqual(name === undefined ? undefined : { name });
    expect(raw.join()).not.toContain('secret');
  });

  it('writes metrics in the embedded metric format', () => {
    const { logger, lines } = givenLogger();

    logger.metric('Denied', { reason: 'expired' });

    expect(lines).toEqual([
      {
        reason: 'expired',
        FunctionName: FUNCTION,
        Denied: 1,
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Sallyport',
              Dimensions: [['FunctionName', 'reason']],
              Metrics: [{ Name: 'Denied', Unit: 'Count' }],
            },
          ],
        },
      },
    ]);
  });
});
