/** Times in words. */

/** @param time RFC 3339 @returns it in the reader's time zone */
export function timeText(time: string): string {
  return new Date(time).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

/** How long it is until then, in the largest unit of which there are two. @param now epoch milliseconds */
export function leftText(until: string, now: number): string {
  const minutes = Math.max(0, Math.floor((Date.parse(until) - now) / 60_000));
  const unit = (number: number, name: string): string => `${number} ${name}${number === 1 ? '' : 's'} left`;
  if (minutes >= 2880) return unit(Math.round(minutes / 1440), 'day');
  return minutes >= 120 ? unit(Math.floor(minutes / 60), 'hour') : unit(minutes, 'minute');
}
