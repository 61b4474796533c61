/** How a product is drawn: made from its code, so that it is always the same and neighbours differ. */

export const COLOURS = 5;
const PATTERNS = ['leaf', 'sun', 'hills', 'waves'] as const;

export interface Look {
  /** 0 to 4: which of its shelf's colours. */
  colour: number;
  pattern: (typeof PATTERNS)[number];
}

export function lookOf(sku: string): Look {
  const hash = fnv1a(sku);
  return { colour: hash % COLOURS, pattern: PATTERNS[(hash >>> 8) % PATTERNS.length] ?? 'leaf' };
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
