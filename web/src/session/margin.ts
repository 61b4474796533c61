/** A token is renewed this long before it expires: a minute, or a quarter of a short lifetime. In milliseconds. */
export function margin(lifetime: number): number {
  return Math.min(60_000, lifetime / 4);
}
