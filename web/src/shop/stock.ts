/** From so few on, it is worth saying how many there are. */
const FEW = 5;

/** A word about how many there are; empty where there are enough. */
export function stockNote(available: number): string {
  if (available <= 0) return 'Sold out';
  return available <= FEW ? `Only ${available} left` : '';
}
