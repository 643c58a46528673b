import { atFirstUse, envContract, integer, oneOf, optional, text } from '../../lambdas/_kernel/env';
import { EnvironmentError, SallyportError } from '../../lambdas/_kernel/env';

const contract = envContract({
  TABLE: text(),
  SECONDS: integer({ min: 1, max: 30 }),
  MODE: oneOf('hard', 'soft'),
  NOTE: optional(text()),
  RETRIES: optional(integer({ min: 0, max: 3 })),
});

describe('the environment contract', () => {
  it('reads back what it provides, with the types of the contract', () => {
    const provided = contract.provide({ TABLE: '${Token[TOKEN.12]}', SECONDS: 30, MODE: 'soft' });
    const read: { readonly TABLE: string; readonly SECONDS: number; readonly MODE: 'hard' | 'soft' } =
      contract.read(provided);

    expect(provided).toEqual({ TABLE: '${Token[TOKEN.12]}', SECONDS: '30', MODE: 'soft' });
    expect(read).toEqual({ TABLE: '${Token[TOKEN.12]}', SECONDS: 30, MODE: 'soft' });
  });

  it('reads optional keys where they are set and leaves them out where they are not', () => {
    const base = { TABLE: 't', SECONDS: '5', MODE: 'hard' };

    expect(contract.read({ ...base, NOTE: 'n', RETRIES: '0' })).toEqual({
      ...base,
      SECONDS: 5,
      NOTE: 'n',
      RETRIES: 0,
    });
    expect(contract.read({ ...base, NOTE: '', RETRIES: undefined })).toEqual({ ...base, SECONDS: 5 });
  });

  it('names every missing and malformed key at once, and no value', () => {
    const read = (): unknown =>
      contract.read({ SECONDS: 'value-31', MODE: 'value-open', RETRIES: 'value-x' });

    let thrown: unknown;
    try {
      read();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EnvironmentError);
    expect(thrown).toBeInstanceOf(SallyportError);
    const { code, problems, message } = thrown as EnvironmentError;
    expect(code).toBe('ENVIRONMENT_INVALID');
    expect(problems.map(({ key, reason }) => `${key} ${reason}`)).toEqual([
      'TABLE missing',
      'SECONDS malformed',
      'MODE malformed',
      'RETRIES malformed',
    ]);
    expect(message).not.toContain('value');
  });

  it.each(['0', '31', '1e1', '0x5', ' 5', '5 ', '+5', '05', '5.0', '-0', '٥'])(
    'refuses %j as an integer from 1 to 30',
    (value) => {
      expect(() => contract.read({ TABLE: 't', MODE: 'hard', SECONDS: value })).toThrow(
        /SECONDS is malformed/,
      );
    },
  );

  it.each(['1', '5', '30'])('accepts %j as an integer from 1 to 30', (value) => {
    expect(contract.read({ TABLE: 't', MODE: 'hard', SECONDS: value }).SECONDS).toBe(Number(value));
  });

  it('refuses at synth what the handler would refuse', () => {
    expect(() => contract.provide({ TABLE: 't', SECONDS: 31, MODE: 'hard' })).toThrow(EnvironmentError);
    expect(() => contract.provide({ TABLE: '', SECONDS: 3, MODE: 'hard' })).toThrow(/TABLE is missing/);
  });

  it('does not take inherited members for variables', () => {
    expect(() => envContract({ toString: text() }).read({})).toThrow(/toString is missing/);
  });

  it('does not compile with a missing, misspelt or mistyped key', () => {
    const misuse = (): void => {
      // @ts-expect-error MODE is missing
      contract.provide({ TABLE: 't', SECONDS: 1 });
      // @ts-expect-error TABEL is not a key
      contract.provide({ TABLE: 't', SECONDS: 1, MODE: 'hard', TABEL: 't' });
      // @ts-expect-error open is not a mode
      contract.provide({ TABLE: 't', SECONDS: 1, MODE: 'open' });
      // @ts-expect-error integers are numbers
      contract.provide({ TABLE: 't', SECONDS: '1', MODE: 'hard' });
    };
    expect(misuse).toBeInstanceOf(Function);
  });
});

describe('a value made at first use', () => {
  it('is made once', () => {
    const make = jest.fn(() => ({}));
    const get = atFirstUse(make);

    expect(make).not.toHaveBeenCalled();
    expect(get()).toBe(get());
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('is tried again after a failure', () => {
    const make = jest
      .fn(() => 7)
      .mockImplementationOnce(() => {
        throw new Error('not yet');
      });
    const get = atFirstUse(make);

    expect(get).toThrow('not yet');
    expect(get()).toBe(7);
  });
});
