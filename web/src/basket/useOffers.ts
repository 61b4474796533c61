import { useQueries } from '@tanstack/react-query';
import type { Money, Product } from '../api/client';
import { isMissing } from '../api/problem';
import { productQuery } from '../shop/queries';
import { sum } from '../ui/format';
import type { BasketLine } from './basket';

/** A line of the basket beside what the shop says of it now. */
export interface Offer {
  line: BasketLine;
  /** The product now; what is known of it until the shop has answered. */
  product: BasketLine['product'];
  /** Why it cannot be ordered. */
  obstacle: string | null;
  /** The price when it was put into the basket, where that was another one. */
  priceBefore: Money | null;
  /** Whether any of it can be had: only then it counts. */
  isSold: boolean;
}

/** Asks the shop for the products of these lines: prices and stock may have changed since. */
export function useOffers(lines: readonly BasketLine[]) {
  const answers = useQueries({
    queries: lines.map(({ product }) => ({ ...productQuery(product.id), refetchOnMount: 'always' as const })),
  });
  const offers = lines.map((line, index) => offer(line, answers[index]?.data, answers[index]?.error));
  return { offers, total: total(offers), canOrder: offers.length > 0 && offers.every((offer) => !offer.obstacle) };
}

/** The price of the lines that are sold; null if none is. */
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
