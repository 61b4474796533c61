/** The texts about a promotion, for staff. */

import type { Promotion, PromotionTerms } from '../api/client';
import { shortId, type Tone } from '../orders/words';
import { dateTime, money } from '../ui/format';
import { percentText } from './percent';

/** `10 %`, `€5.00` or `€5.00 a piece` */
export function takesOff({ reduction, scope }: Pick<PromotionTerms, 'reduction' | 'scope'>): string {
  if (reduction.kind === 'percent') return `${percentText(reduction.basis_points)} %`;
  return scope.kind === 'order' ? money(reduction.amount) : `${money(reduction.amount)} a piece`;
}

/** `the whole order`, `3 products` or `Tea, Coffee` */
export function appliesTo(scope: PromotionTerms['scope']): string {
  switch (scope.kind) {
    case 'order':
      return 'the whole order';
    case 'products':
      return scope.product_ids.length === 1 ? '1 product' : `${scope.product_ids.length} products`;
    case 'categories':
      return scope.categories.join(', ');
  }
}

/** The time in which a promotion applies. */
export function windowOf({ starts_at, ends_at }: Pick<PromotionTerms, 'starts_at' | 'ends_at'>): string {
  const [from, until] = [starts_at && `from ${dateTime(starts_at)}`, ends_at && `until ${dateTime(ends_at)}`];
  return [from, until].filter(Boolean).join(' ') || 'always';
}

/** `12`, or `12 of 100` if the number of orders is limited. */
export function usesOf({ used, terms: { total_limit } }: Promotion): string {
  return total_limit == null ? `${used}` : `${used} of ${total_limit}`;
}

/** Whether a promotion can apply now. */
export function standing({ used, terms }: Promotion, now: number): { words: string; tone: Tone } {
  const { starts_at, ends_at, total_limit } = terms;
  if (ends_at != null && Date.parse(ends_at) <= now) return { words: 'Ended', tone: 'quiet' };
  if (total_limit != null && used >= total_limit) return { words: 'Used up', tone: 'quiet' };
  if (starts_at != null && now < Date.parse(starts_at)) return { words: 'Not started', tone: 'waiting' };
  return { words: 'Current', tone: 'good' };
}

/** The terms of a promotion as texts, by the first input of each term in the form. An empty text is no condition. */
export function conditionTexts(terms: PromotionTerms): Partial<Record<string, string>> {
  const { scope } = terms;
  return {
    name: terms.name,
    code: terms.code ?? '',
    kind: takesOff(terms),
    cap: terms.cap ? money(terms.cap) : '',
    // Two versions may have the same number of products.
    scope: scope.kind === 'products' ? `products ${scope.product_ids.map(shortId).join(', ')}` : appliesTo(scope),
    starts_at: terms.starts_at ? dateTime(terms.starts_at) : '',
    ends_at: terms.ends_at ? dateTime(terms.ends_at) : '',
    minimum: terms.minimum ? money(terms.minimum) : '',
    total_limit: terms.total_limit?.toString() ?? '',
    customer_limit: terms.customer_limit?.toString() ?? '',
    exclusive_group: terms.exclusive_group ?? '',
    priority: (terms.priority ?? 0).toString(),
  };
}
