/** QR codes as the path of an SVG element. */
import { encode } from 'uqr';

/** Light modules around the code (ISO/IEC 18004: four). */
const QUIET_ZONE = 4;

/** @returns modules a side, the quiet zone among them, and a path in that unit, one stroke for every run of dark ones */
export function qrPath(text: string): { readonly size: number; readonly path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const runs = data.flatMap((row, y) =>
    [
      ...row
        .map((dark) => (dark ? '1' : '0'))
        .join('')
        .matchAll(/1+/g),
    ].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
  );
  return { size, path: runs.join('') };
}
