/** At or below this number, the page shows how many are left. */
const FEW = 5;

/** A note about the stock, or an empty text if there is enough. */
export function stockNote(available: number): string {
  if (available <= 0) return 'Sold out';
  return available <= FEW ? `Only ${available} left` : '';
}
