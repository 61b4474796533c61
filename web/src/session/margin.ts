/** So long before its end, in milliseconds, a token of this lifetime is replaced: a minute, or less of a short one. */
export function margin(lifetime: number): number {
  return Math.min(60_000, lifetime / 4);
}
