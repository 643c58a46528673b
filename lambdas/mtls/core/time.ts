/** UTCTime and GeneralizedTime as seconds since 1970, without a clock and without Date. */
import { GENERALIZED_TIME, UTC_TIME, offsetOf, viewOf, type Element } from './der';
import { Refusal } from './refusal';

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function leap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days from 1970-01-01 to the first of a month (proleptic Gregorian), month from 1. */
function daysTo(year: number, month: number): number {
  const before = year - 1;
  let days = 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  for (let m = 1; m < month; m += 1) days += MONTH_DAYS[m - 1] ?? 0;
  return days + (month > 2 && leap(year) ? 1 : 0) - 719_162;
}

/** First day and number of days of every month that a UTCTime can name, by `YYMM`; no days where there is no such month. */
const UTC_MONTH_START = new Int32Array(10_000);
const UTC_MONTH_DAYS = new Uint8Array(10_000);
for (let i = 0; i < 1200; i += 1) {
  const century = Math.floor(i / 12);
  // RFC 5280 section 4.1.2.5.1: 50 to 99 are of the last century
  const year = century >= 50 ? 1900 + century : 2000 + century;
  const month = (i % 12) + 1;
  UTC_MONTH_START[century * 100 + month] = daysTo(year, month);
  UTC_MONTH_DAYS[century * 100 + month] = (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && leap(year) ? 1 : 0);
}

function digits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 48;
  const ones = (bytes[at + 1] ?? 0) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000;
}

/** High halves of four octets, and those of digits. */
const HIGH_HALVES = 0xf0f0f0f0 | 0;
const DIGIT_HALVES = 0x30303030;

/** 0 for four digits of ASCII. */
function notDigits(word: number): number {
  // what is above 9 in a low half changes the high half when 6 is added
  return ((word & HIGH_HALVES) ^ DIGIT_HALVES) | (((word + 0x06060606) & HIGH_HALVES) ^ DIGIT_HALVES);
}

/** Two numbers of two digits each, the first shifted left by 16. */
function pairs(word: number): number {
  const halves = word & 0x0f0f0f0f;
  return ((halves >>> 8) * 10 + halves) & 0x00ff00ff;
}

/**
 * Seconds since 1970 of `YYMMDDHHMMSSZ` at a place (RFC 5280 section 4.1.2.5.1: seconds are there, the zone is Z).
 *
 * @param bytes 13 octets at `at` at least; read four at a time, as every entry of a list has such a date
 * @returns `NaN` when it is not such a time
 */
export function utcSeconds(bytes: DataView, at: number): number {
  const date = bytes.getInt32(at);
  const dayAndHour = bytes.getInt32(at + 4);
  const clock = bytes.getInt32(at + 8);
  if ((notDigits(date) | notDigits(dayAndHour) | notDigits(clock)) !== 0) return NaN;
  const yearAndMonth = pairs(date);
  const month = (yearAndMonth >>> 16) * 100 + (yearAndMonth & 0xff);
  const day = pairs(dayAndHour) >>> 16;
  const hour = pairs(dayAndHour) & 0xff;
  const minute = pairs(clock) >>> 16;
  const second = pairs(clock) & 0xff;
  if (
    day < 1 ||
    day > (UTC_MONTH_DAYS[month] as number) ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    bytes.getUint8(at + 12) !== 0x5a
  )
    return NaN;
  return ((UTC_MONTH_START[month] as number) + day - 1) * 86_400 + hour * 3600 + minute * 60 + second;
}

/** Seconds since 1970 of `YYYYMMDDHHMMSSZ` (RFC 5280 section 4.1.2.5.2: no fraction); `NaN` when it is not such a time. */
function generalizedSeconds(bytes: Uint8Array, at: number): number {
  const year = digits(bytes, at) * 100 + digits(bytes, at + 2);
  const month = digits(bytes, at + 4);
  const day = digits(bytes, at + 6);
  const hour = digits(bytes, at + 8);
  const minute = digits(bytes, at + 10);
  const second = digits(bytes, at + 12);
  if (year < 1 || year > 9999 || month < 1 || month > 12) return NaN;
  const days = (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && leap(year) ? 1 : 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59 || bytes[at + 14] !== 0x5a) return NaN;
  return (daysTo(year, month) + day - 1) * 86_400 + hour * 3600 + minute * 60 + second;
}

/** Seconds since 1970 of a Time (RFC 5280 section 5.1.2.4). */
function secondsOf({ bytes, tag, content, end }: Element): number {
  const length = end - content;
  if (tag === UTC_TIME && length === 13) return utcSeconds(viewOf(bytes), content);
  if (tag === GENERALIZED_TIME && length === 15) return generalizedSeconds(bytes, content);
  return NaN;
}

/** @throws Refusal when the element is no Time */
export function timeOf(element: Element, what: string): number {
  const seconds = secondsOf(element);
  if (Number.isNaN(seconds)) {
    throw new Refusal(
      'time_malformed',
      `${what} is neither YYMMDDHHMMSSZ nor YYYYMMDDHHMMSSZ`,
      offsetOf(element),
    );
  }
  return seconds;
}

/** `2026-11-21T06:30:00Z` of seconds since 1970. */
export function timeText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  // https://howardhinnant.github.io/date_algorithms.html, civil_from_days
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60), rest % 60].map(two).join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}

/** Seconds since 1970 of what `timeText` writes; `NaN` for every other text. */
export function secondsOfText(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return NaN;
  return generalizedSeconds(Buffer.from(text.replace(/[-T:]/g, ''), 'latin1'), 0);
}
