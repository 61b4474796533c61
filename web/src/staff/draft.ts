import type { Money, ProductDraft } from '../api/client';
import { Invalid } from '../api/problem';
import { amountText, minorDigitsOf, money, parseAmount } from '../ui/format';

/** The highest amount that the services accept, in minor units. */
const MAX_AMOUNT = 1_000_000_000_000;

/** Reads a product from a form. Throws `Invalid` if the price is not valid. */
export function readDraft(field: (name: string) => string, currency: string): ProductDraft {
  return {
    sku: field('sku'),
    name: field('name'),
    description: field('description'),
    category: field('category'),
    price: readAmount({ text: field('price'), currency, pointer: '/price', noun: 'a price' }),
  };
}

interface AmountField {
  text: string;
  currency: string;
  pointer: string;
  /** `a price` or `an amount` */
  noun: string;
}

/** Reads an amount above zero from a form. Throws `Invalid` if it is not valid. */
export function readAmount({ text, currency, pointer, noun }: AmountField): Money {
  const refuse = (detail: string) => new Invalid([{ pointer, detail }]);
  const amount = parseAmount(text, currency);
  if (amount === null) throw refuse(amountHelp(noun, currency));
  if (amount.amount_minor < 1) throw refuse(`Enter ${noun} above 0.`);
  if (amount.amount_minor > MAX_AMOUNT) {
    throw refuse(`Enter ${noun} of at most ${money({ amount_minor: MAX_AMOUNT, currency })}.`);
  }
  return amount;
}

/** `Enter a price such as 12.50 EUR, with at most 2 decimals.` */
function amountHelp(noun: string, currency: string): string {
  const digits = minorDigitsOf(currency);
  const example = amountText({ amount_minor: digits === 0 ? 1250 : 12.5 * 10 ** digits, currency });
  const decimals = digits === 0 ? 'without decimals' : `with at most ${digits} decimals`;
  return `Enter ${noun} such as ${example} ${currency}, ${decimals}.`;
}

/** Reads a number of pieces from a form. Throws `Invalid` if it is not a number. */
export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new Invalid([{ pointer: '/on_hand', detail: 'Enter a whole number of pieces, such as 12.' }]);
  }
  return Number(text);
}
