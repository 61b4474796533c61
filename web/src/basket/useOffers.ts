import { useQueries } from '@tanstack/react-query';
import type { Money, Product } from '../api/client';
import { isMissing } from '../api/problem';
import { productQuery } from '../shop/queries';
import { sum } from '../ui/format';
import type { BasketLine } from './basket';

/** A line of the basket with the shop's current state of its product. */
export interface Offer {
  line: BasketLine;
  /** The current product. Until the shop answers, the product of the line. */
  product: BasketLine['product'];
  /** The reason why the line cannot be ordered. */
  obstacle: string | null;
  /** The price when the product was added, if it was different. */
  priceBefore: Money | null;
  /** Whether the product is still sold. Other lines do not count in the total. */
  isSold: boolean;
}

/** Reads the products of these lines again, because prices and stock may have changed. */
export function useOffers(lines: readonly BasketLine[]) {
  const answers = useQueries({
    queries: lines.map(({ product }) => ({ ...productQuery(product.id), refetchOnMount: 'always' as const })),
  });
  const offers = lines.map((line, index) => offer(line, answers[index]?.data, answers[index]?.error));
  return { offers, total: total(offers), canOrder: offers.length > 0 && offers.every((offer) => !offer.obstacle) };
}

/** The total of the lines that are sold, or null if there are none. */
export function total(offers: readonly Offer[]): Money | null {
  const sold = offers.filter(({ isSold }) => isSold);
  return sum(sold.map(({ product: { price }, line: { quantity } }) => ({ price, quantity })));
}

export function offer(line: BasketLine, now: Product | undefined, error: unknown): Offer {
  const unchanged = { line, product: line.product, obstacle: null, priceBefore: null, isSold: true };
  if (isMissing(error)) return { ...unchanged, obstacle: 'This is no longer sold.', isSold: false };
  if (now === undefined) return unchanged;
  const { price } = line.product;
  const isSame = now.price.amount_minor === price.amount_minor && now.price.currency === price.currency;
  return {
    line,
    product: now,
    obstacle: shortage(now.available, line.quantity),
    priceBefore: isSame ? null : price,
    isSold: now.available > 0,
  };
}

function shortage(available: number, quantity: number): string | null {
  if (available >= quantity) return null;
  return available <= 0 ? 'This is sold out.' : `Only ${available} left.`;
}
