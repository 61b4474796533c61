import type { ProductDraft } from '../api/client';
import { parseAmount } from '../ui/format';

/** What a new product is priced in where no other tells. */
export const SHOP_CURRENCY = 'EUR';

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
