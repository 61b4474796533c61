/** The delay in milliseconds before this attempt, counted from 0. It doubles up to 10 s and is randomised. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(10_000, 250 * 2 ** attempt);
  return longest / 2 + (random() * longest) / 2;
}
