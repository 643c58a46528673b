/** Structured logging and metrics: one JSON line each, from which secrets and control characters have been removed. */
import { type Clock, systemClock } from './clock';
import { EnvironmentError } from './env';

type Level = 'info' | 'warn' | 'error';
type Line = Record<string, string | number | boolean | readonly string[] | undefined>;

/** What a log line says beside its event; `level`, `time`, `event` and `cause` are set by the logger. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly level?: never;
  readonly time?: never;
  readonly event?: never;
  readonly cause?: never;
};

/** Writes events, never personal data: choose fields that name a rule, a reason or a count. */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /**
   * @param cause what was thrown; only its name, its code and the places of its stack are written, since messages
   *   of libraries quote their input
   */
  error(event: string, fields?: LogFields, cause?: unknown): void;
  /**
   * Counts one occurrence in the CloudWatch namespace `Sallyport`, or notes what was measured.
   *
   * @param dimensions few and of few values, since each combination is billed as one metric
   * @param measure default one, unit Count
   */
  metric(name: string, dimensions: Readonly<Record<string, string>>, measure?: Measure): void;
}

export interface Measure {
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
  /** Whether all functions are counted as one, rather than each by itself; default false. */
  readonly together?: boolean;
}

const MAX_LENGTH = 256;
const MAX_FRAMES = 8;
const REDACTED = '[redacted]';

const SECRET_SHAPES: readonly RegExp[] = [
  /\beyJ[\w-]*\.[\w-]*/, // JWT and JWE start with the base64url of `{"` (RFC 7519 section 3)
  /\b(?:bearer|basic|dpop)\s+\S/i, // Authorization header (RFC 9110 section 11.6.2)
  /(?:^|[;\s])__(?:host|secure|http)-/i, // cookie name prefixes (RFC 6265bis section 4.1.3)
  /\b(?:set-)?cookie\s*[:=]/i,
  /[^\s=;]+=[^\s;]*;\s*[^\s=;]+=/, // two pairs of a Cookie header (RFC 6265 section 4.2.1)
  /[\w+-]{40,}/, // keys, codes, digests
  /[\w+/-]{39,}=/, // the same in padded base64
];

/**
 * Makes a logger.
 *
 * @param options.sink takes one line without its line break; default standard output
 * @param options.clock default the clock of the machine
 * @param options.functionName dimension of every metric, so that environments of one account are told apart; default
 *   what Lambda says
 */
export function createLogger({
  sink = (line) => void process.stdout.write(`${line}\n`),
  clock = systemClock,
  functionName = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
}: { sink?: (line: string) => void; clock?: Clock; functionName?: string } = {}): Logger {
  const write = (level: Level, event: string, fields: LogFields = {}, cause?: Line): void => {
    const line = { level, time: new Date(clock()).toISOString(), event: clean(event) };
    sink(JSON.stringify({ ...cleanAll(fields), ...line, ...(cause === undefined ? {} : { cause }) }));
  };
  return {
    info: (event, fields) => {
      write('info', event, fields);
    },
    warn: (event, fields) => {
      write('warn', event, fields);
    },
    error: (event, fields, cause) => {
      write('error', event, fields, cause === undefined ? undefined : describe(cause));
    },
    metric: (name, dimensions, { value, unit, together } = { value: 1, unit: 'Count' }) => {
      // CloudWatch embedded metric format, "Specification: Embedded metric format", root node
      const directive = {
        Namespace: 'Sallyport',
        Dimensions: [[...(together === true ? [] : ['FunctionName']), ...Object.keys(dimensions)]],
        Metrics: [{ Name: name, Unit: unit }],
      };
      const metadata = { Timestamp: clock(), CloudWatchMetrics: [directive] };
      // the function's name is no caller's word, and long enough to look like a secret
      const line = { ...cleanAll(dimensions), FunctionName: functionName, [name]: value, _aws: metadata };
      sink(JSON.stringify(line));
    },
  };
}

function clean(text: string): string {
  // format characters go as well: they can split a secret or turn the reading direction
  const printable = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
  if (SECRET_SHAPES.some((shape) => shape.test(printable))) return REDACTED;
  return printable.length > MAX_LENGTH ? `${printable.slice(0, MAX_LENGTH - 1)}…` : printable;
}

function cleanAll(fields: Readonly<Record<string, string | number | boolean | undefined>>): Line {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
  );
}

function describe(cause: unknown): Line {
  if (!(cause instanceof Error)) return { name: cause === null ? 'null' : typeof cause };
  const code = (cause as { code?: unknown }).code;
  return {
    name: clean(cause.name),
    ...(typeof code === 'string' ? { code: clean(code) } : {}),
    ...(typeof code === 'number' ? { code } : {}),
    // the keys come from our contracts, so they are safe, and without them the line would not help anybody
    ...(cause instanceof EnvironmentError ? { keys: cause.problems.map(({ key }) => clean(key)) } : {}),
    frames: framesOf(cause),
  };
}

/** Places of the stack; the message before them is cut off first, as it may itself look like a frame. */
function framesOf(cause: Error): string[] {
  const stack = typeof cause.stack === 'string' ? cause.stack : '';
  const start = stack.indexOf(cause.message);
  const frames = start < 0 ? '' : stack.slice(start + cause.message.length);
  return [...frames.matchAll(/^\s+at (?:.*\()?([^\s()]+:\d+:\d+)\)?$/gm)]
    .slice(0, MAX_FRAMES)
    .map(([, place]) => clean(place ?? ''));
}
