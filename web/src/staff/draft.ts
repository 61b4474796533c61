import type { ProductDraft } from '../api/client';
import { Invalid } from '../api/problem';
import { amountText, minorDigitsOf, money, parseAmount } from '../ui/format';

/** The highest price that catalog-service accepts, in minor units. */
const MAX_PRICE = 1_000_000_000_000;

/** Reads a product from a form. Throws `Invalid` if the price is not valid. */
export function readDraft(field: (name: string) => string, currency: string): ProductDraft {
  return {
    sku: field('sku'),
    name: field('name'),
    description: field('description'),
    category: field('category'),
    price: readPrice(field('price'), currency),
  };
}

function readPrice(text: string, currency: string): ProductDraft['price'] {
  const refuse = (detail: string) => new Invalid([{ pointer: '/price', detail }]);
  const price = parseAmount(text, currency);
  if (price === null) throw refuse(priceHelp(currency));
  if (price.amount_minor < 1) throw refuse('Enter a price above 0.');
  if (price.amount_minor > MAX_PRICE) {
    throw refuse(`Enter a price of at most ${money({ amount_minor: MAX_PRICE, currency })}.`);
  }
  return price;
}

/** `Enter a price such as 12.50 EUR, with at most 2 decimals.` */
function priceHelp(currency: string): string {
  const digits = minorDigitsOf(currency);
  const example = amountText({ amount_minor: digits === 0 ? 1250 : 12.5 * 10 ** digits, currency });
  const decimals = digits === 0 ? 'without decimals' : `with at most ${digits} decimals`;
  return `Enter a price such as ${example} ${currency}, ${decimals}.`;
}

/** Reads a number of pieces from a form. Throws `Invalid` if it is not a number. */
export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new Invalid([{ pointer: '/on_hand', detail: 'Enter a whole number of pieces, such as 12.' }]);
  }
  return Number(text);
}
