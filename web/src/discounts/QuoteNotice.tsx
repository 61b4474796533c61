import { UnavailableNotice } from './UnavailableNotice';
import type { Quote } from './useQuote';

/** A notice that the basket is shown at list prices. */
export function QuoteNotice({ quote }: { quote: Quote }) {
  if (!quote.isUnavailable) return null;
  return <UnavailableNotice>An order is accepted only at the total that you see here.</UnavailableNotice>;
}
