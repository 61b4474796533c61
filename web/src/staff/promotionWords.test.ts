import { expect, it } from 'vitest';
import type { Promotion, PromotionTerms } from '../api/client';
import { setCurrencies } from '../ui/format';
import { appliesTo, standing, takesOff, usesOf, windowOf } from './promotionWords';

setCurrencies([{ code: 'EUR', digits: 2 }]);

const ORDER = { kind: 'order' } as const;
const TEA = { kind: 'categories', categories: ['Tea', 'Coffee'] } as const satisfies PromotionTerms['scope'];
const terms: PromotionTerms = { name: 'Sale', reduction: { kind: 'percent', basis_points: 1250 }, scope: ORDER };
const promotion = (changes: Partial<PromotionTerms>, used = 0): Promotion => ({
  id: 'p',
  terms: { ...terms, ...changes },
  used,
  updated_at: '2026-01-01T00:00:00Z',
});

it('says how much a promotion takes off', () => {
  const reduction = { kind: 'amount', amount: { amount_minor: 500, currency: 'EUR' } } as const;
  expect(takesOff(terms)).toBe('12.5 %');
  expect(takesOff({ reduction, scope: ORDER })).toBe('€5.00');
  expect(takesOff({ reduction, scope: TEA })).toBe('€5.00 a piece');
});

it('says where a promotion applies', () => {
  const products = (...product_ids: string[]) => appliesTo({ kind: 'products', product_ids });
  expect([appliesTo(ORDER), appliesTo(TEA)]).toEqual(['the whole order', 'Tea, Coffee']);
  expect([products('a'), products('a', 'b')]).toEqual(['1 product', '2 products']);
});

it('says when a promotion applies', () => {
  const at = new Date(2026, 3, 24, 12, 5).toISOString();
  expect(windowOf({})).toBe('always');
  expect(windowOf({ starts_at: at })).toBe('from 24 April 2026, 12:05');
  expect(windowOf({ starts_at: at, ends_at: at })).toBe('from 24 April 2026, 12:05 until 24 April 2026, 12:05');
});

it('says whether a promotion can apply now', () => {
  const now = Date.parse('2026-04-24T12:00:00Z');
  const [before, after] = ['2026-04-24T11:00:00Z', '2026-04-24T13:00:00Z'];
  const words = (changes: Partial<PromotionTerms>, used = 0) => standing(promotion(changes, used), now).words;
  expect(words({})).toBe('Current');
  expect(words({ starts_at: before, ends_at: after, total_limit: 2 }, 1)).toBe('Current');
  expect(words({ starts_at: after })).toBe('Not started');
  expect(words({ ends_at: before })).toBe('Ended');
  expect(words({ total_limit: 2 }, 2)).toBe('Used up');
});

it('counts the orders that use a promotion', () => {
  expect([usesOf(promotion({}, 12)), usesOf(promotion({ total_limit: 100 }, 12))]).toEqual(['12', '12 of 100']);
});
