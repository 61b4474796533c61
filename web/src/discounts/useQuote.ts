import { useQuery } from '@tanstack/react-query';
import type { Money, Pricing } from '../api/client';
import { fieldErrors, isInvalid } from '../api/problem';
import { type Offer, total } from '../basket/useOffers';
import { quoteQuery } from './queries';
import { type CodeResult, codeResults, standsIn } from './quote';

export interface Quote {
  /** The price of the lines. Until it arrives, an earlier one with the same list prices. */
  pricing: Pricing | undefined;
  /** The total that the page shows: after discounts, or the sum of the list prices if there is no quote. */
  total: Money | null;
  codes: readonly CodeResult[];
  /** The quote has not arrived, so the total may still change. */
  isPending: boolean;
  /** There is no quote, because discount-service does not answer. */
  isUnavailable: boolean;
}

/** Prices the lines that are sold, with these codes. */
export function useQuote(offers: readonly Offer[], codes: readonly string[]): Quote {
  const lines = offers.filter(({ isSold }) => isSold).map(({ product, line: { quantity } }) => ({ product, quantity }));
  const { data, error, errorUpdateCount, isPlaceholderData, isLoading } = useQuery({
    ...quoteQuery(lines, codes),
    refetchOnMount: 'always',
    placeholderData: (earlier) => (earlier !== undefined && standsIn(earlier, lines) ? earlier : undefined),
  });
  // After an error, the query has no data while it is sent again. The notice stays meanwhile.
  const hasFailed = errorUpdateCount > 0 && (data === undefined || isPlaceholderData);
  const pricing = hasFailed || lines.length === 0 ? undefined : data;
  return {
    pricing,
    total: pricing?.total ?? total(offers),
    codes: codeResults(codes, isPlaceholderData ? undefined : pricing, fieldErrors(error)),
    isPending: !hasFailed && (isLoading || isPlaceholderData) && lines.length > 0,
    // A quote is not valid if a code cannot be read or a product is no longer sold. The page says so itself.
    isUnavailable: hasFailed && !isInvalid(error),
  };
}
