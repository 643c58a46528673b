/** Serial numbers as people write them, and as certificates have them. */
import { hex } from './der';

/**
 * Octets of the INTEGER that a hexadecimal number is.
 *
 * @param text as `openssl x509 -serial` prints it; colons, spaces, `0x` and leading zeros do not matter, `-` is negative
 * @returns `undefined` when it is no number
 */
export function serialOf(text: string): Uint8Array | undefined {
  const match = /^(-?)(?:0x)?([0-9a-f]+)$/i.exec(text.replace(/[\s:]/g, ''));
  if (match === null) return undefined;
  const magnitude = BigInt(`0x${match[2] ?? '0'}`);
  const value = match[1] === '-' ? -magnitude : magnitude;
  let octets = 1;
  while (value >= 1n << BigInt(8 * octets - 1) || value < -(1n << BigInt(8 * octets - 1))) octets += 1;
  const digits = BigInt.asUintN(8 * octets, value)
    .toString(16)
    .padStart(2 * octets, '0');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Upper-case hexadecimal of a serial, as `openssl x509 -serial` prints it. */
export function serialText(serial: Uint8Array): string {
  const bits = BigInt(8 * serial.length);
  const value = BigInt.asIntN(Number(bits), BigInt(`0x${hex(serial)}`));
  const digits = (value < 0n ? -value : value).toString(16).toUpperCase();
  return `${value < 0n ? '-' : ''}${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}
