/** The colour and pattern of a product's drawing. A hash of the code gives both, unless the name contains a colour. */

import type { Product } from '../api/client';

const COLOURS = ['green', 'terracotta', 'blue', 'honey', 'plum'] as const;
const PATTERNS = ['leaf', 'sun', 'blossom', 'waves'] as const;

/** Words for colours in names. */
const NAMED: readonly (readonly [RegExp, Look['colour']])[] = [
  [/\bwhite\b/i, 'white'],
  [/\b(black|kuro|cast-iron)\b/i, 'black'],
  [/\b(steel|aluminium|moka|glass)\b/i, 'steel'],
  [/\bblue\b/i, 'blue'],
  [/\bgreen\b/i, 'green'],
];

export interface Look {
  colour: (typeof COLOURS)[number] | 'white' | 'black' | 'steel';
  pattern: (typeof PATTERNS)[number];
}

/** Categories whose names contain the product's own colour. The names of tins and bags describe their content. */
const COLOURED_CATEGORIES = ['Cups', 'Brewing'];

export function lookOf({ sku, name, category }: Pick<Product, 'sku' | 'name' | 'category'>): Look {
  const hash = fnv1a(sku);
  const named = COLOURED_CATEGORIES.includes(category) ? NAMED.find(([word]) => word.test(name))?.[1] : undefined;
  return {
    colour: named ?? COLOURS[hash % COLOURS.length] ?? 'green',
    pattern: PATTERNS[(hash >>> 8) % PATTERNS.length] ?? 'leaf',
  };
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
