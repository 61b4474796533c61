import { useQueries } from '@tanstack/react-query';
import type { Product } from '../api/client';
import { reducedPrice } from './prices';
import { pricesQuery } from './queries';

/** Reads the reduced prices of pages of products, with one request for each page. */
export function usePrices(pages: readonly (readonly Product[])[]) {
  const answers = useQueries({ queries: pages.map((products) => pricesQuery(products)) });
  const prices = answers.flatMap(({ data }) => data ?? []);
  return {
    reduced: (product: Product) => reducedPrice(product, prices),
    /** Some prices are unknown, because discount-service does not answer. */
    isUnavailable: answers.some(({ data, errorUpdateCount }) => data === undefined && errorUpdateCount > 0),
  };
}
