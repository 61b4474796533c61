import type { ProductDraft } from '../api/client';
import { parseAmount } from '../ui/format';

/** A product as it stands in a form. */
export function readDraft(field: (name: string) => string, currency: string): ProductDraft {
  return {
    sku: field('sku'),
    name: field('name'),
    description: field('description'),
    category: field('category'),
    // No price is one that the shop refuses, at its field.
    price: parseAmount(field('price'), currency) ?? { amount_minor: 0, currency },
  };
}
