/** Queries for prices and quotes. */

import { queryOptions } from '@tanstack/react-query';
import { discounts, type Product, type ProductPrice, type QuoteRequest } from '../api/client';
import { isInvalid } from '../api/problem';
import { unwrap } from '../api/transport';

/** While discount-service does not answer, it is asked again after this time, in milliseconds. */
const RETRY_INTERVAL = 5_000;

interface Asked {
  state: { status: string; error: unknown };
}

const untilAnswered = {
  // The pages show list prices meanwhile, so nothing waits for a retry.
  retry: false,
  refetchInterval: ({ state }: Asked) => (state.status === 'error' && !isInvalid(state.error) ? RETRY_INTERVAL : false),
} as const;

/** The prices of these products under automatic promotions. At most 100 products. */
export const pricesQuery = (products: readonly Pick<Product, 'id'>[]) => {
  const product_ids = products.map(({ id }) => id).join(',');
  return queryOptions({
    queryKey: ['prices', product_ids],
    queryFn: async ({ signal }): Promise<readonly ProductPrice[]> =>
      (await unwrap(discounts.GET('/prices', { params: { query: { product_ids } }, signal }))).items,
    enabled: product_ids !== '',
    staleTime: 10_000,
    ...untilAnswered,
  });
};

/** A line to price, with the list price that the page shows. */
export interface QuoteLine {
  product: Pick<Product, 'id' | 'price'>;
  quantity: number;
}

/** The price of these lines with these codes. Another list price of a product makes it another quote. */
export const quoteQuery = (lines: readonly QuoteLine[], codes: readonly string[]) => {
  const items = lines.map(({ product: { id }, quantity }) => ({ product_id: id, quantity }));
  const body: QuoteRequest = { items, codes: [...codes] };
  return queryOptions({
    queryKey: ['quote', lines.map(({ product: { id, price }, quantity }) => [id, quantity, price]), codes],
    queryFn: ({ signal }) => unwrap(discounts.POST('/quote', { body, signal })),
    enabled: items.length > 0,
    ...untilAnswered,
  });
};
