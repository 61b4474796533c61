import { useQueries } from '@tanstack/react-query';
import type { Product } from '../api/client';
import { isMissing } from '../api/problem';
import { productQuery } from '../shop/queries';
import { sum } from '../ui/format';
import type { Basket, BasketLine } from './basket';

/** A line of the basket beside what the shop says of it now. */
export interface Offer {
  line: BasketLine;
  /** The product now; what is known of it until the shop has answered. */
  product: BasketLine['product'];
  /** What keeps it from being ordered. */
  obstacle: string | null;
  /** What the customer should know. */
  note: string | null;
}

/** Asks the shop for what is in the basket: prices and stock may have changed since. */
export function useOffers(basket: Basket) {
  const answers = useQueries({
    queries: basket.map(({ product }) => ({ ...productQuery(product.id), refetchOnMount: 'always' as const })),
  });
  const offers = basket.map((line, index) => offer(line, answers[index]?.data, answers[index]?.error));
  return {
    offers,
    total: sum(offers.map(({ product: { price }, line: { quantity } }) => ({ price, quantity }))),
    canOrder: offers.length > 0 && offers.every(({ obstacle }) => obstacle === null),
  };
}

export function offer(line: BasketLine, now: Product | undefined, error: unknown): Offer {
  if (isMissing(error)) return { line, product: line.product, obstacle: 'This is no longer sold.', note: null };
  if (now === undefined) return { line, product: line.product, obstacle: null, note: null };
  const note = now.price.amount_minor === line.product.price.amount_minor ? null : 'The price has changed.';
  return { line, product: now, obstacle: shortage(now.available, line.quantity), note };
}

function shortage(available: number, quantity: number): string | null {
  if (available >= quantity) return null;
  return available <= 0 ? 'This is sold out.' : `Only ${available} left.`;
}
