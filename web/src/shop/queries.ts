/** Queries for the catalogue. */

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { catalog } from '../api/client';
import { unwrap } from '../api/transport';
import { setCurrencies } from '../ui/format';

/** A multiple of three and four, so that the last row is full in both layouts. */
const PAGE = 12;

export interface Search {
  q?: string | undefined;
  category?: string | undefined;
}

export const productsQuery = ({ q, category }: Search) =>
  infiniteQueryOptions({
    queryKey: ['products', 'list', { q, category }],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: PAGE, ...(q && { q }), ...(category && { category }), ...(cursor !== null && { cursor }) };
      return unwrap(catalog.GET('/products', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

export const productQuery = (id: string) =>
  queryOptions({
    queryKey: ['products', 'one', id],
    queryFn: ({ signal }) => unwrap(catalog.GET('/products/{id}', { params: { path: { id } }, signal })),
    staleTime: 10_000,
  });

/** The categories that have products. */
export const categoriesQuery = queryOptions({
  queryKey: ['products', 'categories'],
  queryFn: async ({ signal }) => (await unwrap(catalog.GET('/products/categories', { signal }))).items,
  staleTime: 5 * 60_000,
});

/** The shop's currency, and the decimals of all currencies. Amounts are shown with them. */
export const currenciesQuery = queryOptions({
  queryKey: ['currencies'],
  queryFn: async ({ signal }) => {
    const answer = await unwrap(catalog.GET('/currencies', { signal }));
    setCurrencies(answer.currencies);
    return answer;
  },
  staleTime: Infinity,
  gcTime: Infinity,
  // The catalogue may be down for a while. Orders are shown meanwhile.
  refetchInterval: (query) => (query.state.status === 'error' ? 5_000 : false),
});
