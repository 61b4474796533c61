/** How long before its end a token is renewed, in milliseconds: a minute, or a quarter of a short lifetime. */
export function margin(lifetime: number): number {
  return Math.min(60_000, lifetime / 4);
}
