/** Milliseconds to wait before this try, from 0: doubling to 10 s, and never the same for everybody. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(10_000, 250 * 2 ** attempt);
  return longest / 2 + (random() * longest) / 2;
}
