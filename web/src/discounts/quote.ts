/** The parts of a quote as the pages show them. */

import type { Adjustment, PricedLine, Pricing } from '../api/client';
import { off } from '../ui/format';
import type { QuoteLine } from './queries';

export interface CodeResult {
  code: string;
  /** With a refused code the order would be rejected. An unneeded code does no harm. */
  state: 'unchecked' | 'applied' | 'unneeded' | 'refused';
  /** The amount that the code takes off, or a sentence about the reason. */
  words: string;
  /** The shop does not have the code. */
  isUnknown: boolean;
}

/** The results of the codes. `errors` has the errors of the request for the quote, by JSON pointer. */
export function codeResults(
  codes: readonly string[],
  pricing: Pricing | undefined,
  errors: ReadonlyMap<string, string>,
): CodeResult[] {
  return codes.map((code, index) => {
    const error = errors.get(`/codes/${index}`);
    if (error !== undefined) return { code, state: 'refused', words: error, isUnknown: true };
    const result = pricing?.promotions.find((considered) => considered.code === code)?.result;
    if (result === undefined) return { code, state: 'unchecked', words: '', isUnknown: false };
    if (result.status === 'applied') return { code, state: 'applied', words: off(result.amount), isUnknown: false };
    const { reason, detail } = result;
    const isHarmless = reason === 'better_promotion' || reason === 'no_effect';
    return { code, state: isHarmless ? 'unneeded' : 'refused', words: detail, isUnknown: reason === 'unknown_code' };
  });
}

/** The price of a line, if the quote has the line with this quantity. */
export function pricedLine(pricing: Pricing | undefined, { product, quantity }: QuoteLine): PricedLine | undefined {
  return pricing?.lines.find((line) => line.product_id === product.id && line.quantity === quantity);
}

/** The promotions that apply, and the amounts that they take off the whole order. */
export function reductions(pricing: Pricing | undefined): Adjustment[] {
  return (pricing?.promotions ?? []).flatMap(({ promotion_id, name, result }) =>
    result.status === 'applied' && promotion_id != null
      ? [{ promotion_id, name: name ?? '', amount: result.amount }]
      : [],
  );
}

/** Whether an earlier quote may be shown until the next one arrives: the list prices are still the same. */
export function standsIn(earlier: Pricing, lines: readonly QuoteLine[]): boolean {
  return earlier.lines.every(({ product_id, list_price }) => {
    const price = lines.find(({ product }) => product.id === product_id)?.product.price;
    return (
      price === undefined || (price.amount_minor === list_price.amount_minor && price.currency === list_price.currency)
    );
  });
}
