/** Queries for promotions. */

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { catalog, discounts, type Product, type Promotion } from '../api/client';
import { Refused } from '../api/problem';
import { unwrap, unwrapTagged } from '../api/transport';

const PAGE = 50;
/** The most products that catalog-service lists by their ids. */
const MAX_IDS = 100;

export const promotionsQuery = infiniteQueryOptions({
  queryKey: ['promotions', 'list'],
  queryFn: ({ pageParam: cursor, signal }) => {
    const query = { limit: PAGE, ...(cursor !== null && { cursor }) };
    return unwrap(discounts.GET('/promotions', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
});

/** A promotion as it was read, with the ETag that a change sends back as `If-Match`. */
export interface ReadPromotion {
  promotion: Promotion;
  etag: string | null;
}

export const promotionQuery = (id: string) =>
  queryOptions({
    queryKey: ['promotions', 'edit', id],
    queryFn: async ({ signal }): Promise<ReadPromotion> => {
      const { body, etag } = await unwrapTagged(
        discounts.GET('/promotions/{id}', { params: { path: { id } }, signal }),
      );
      return { promotion: body, etag };
    },
  });

/** The current promotion, from the refusal of a stale change. */
export function currentPromotion(error: unknown): ReadPromotion | undefined {
  if (!(error instanceof Refused) || error.status !== 412) return undefined;
  const promotion = error.problem?.current_promotion;
  // The service's OpenAPI document guarantees that this is a promotion.
  return promotion === undefined ? undefined : { promotion: promotion as Promotion, etag: error.etag };
}

/** The products with these ids. Products that are no longer sold are left out. */
export const namedProductsQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['products', 'named', ids],
    queryFn: async ({ signal }): Promise<Product[]> => {
      const found: Product[] = [];
      for (let start = 0; start < ids.length; start += MAX_IDS) {
        const query = { ids: ids.slice(start, start + MAX_IDS).join(',') };
        found.push(...(await unwrap(catalog.GET('/products', { params: { query }, signal }))).items);
      }
      return found;
    },
    enabled: ids.length > 0,
    staleTime: 60_000,
  });
