import { describe, expect, it } from 'vitest';
import type { PromotionTerms } from '../api/client';
import { fieldErrors, Refused } from '../api/problem';
import { setCurrencies } from '../ui/format';
import { currentPromotion } from './promotions';
import { readTerms, termChanges, termValues, valuesIn, withTermChanges } from './terms';

setCurrencies([
  { code: 'EUR', digits: 2 },
  { code: 'USD', digits: 2 },
]);

const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
const full: PromotionTerms = {
  name: 'Tea week',
  code: 'TEA-WEEK',
  reduction: { kind: 'percent', basis_points: 1250 },
  scope: { kind: 'categories', categories: ['Tea', 'Cups, white'] },
  starts_at: '2026-04-24T00:00:00.000Z',
  ends_at: '2026-05-01T00:00:00.000Z',
  minimum: eur(2000),
  cap: eur(500),
  total_limit: 100,
  customer_limit: 1,
  exclusive_group: 'seasonal',
  priority: -5,
};
const least: PromotionTerms = {
  name: 'Five off',
  reduction: { kind: 'amount', amount: eur(500) },
  scope: { kind: 'order' },
  priority: 0,
};
const values = (terms: PromotionTerms) => termValues(terms, 'EUR');

describe('the form of a promotion', () => {
  it('is read as it was filled in', () => {
    expect(readTerms(values(full), 'EUR')).toEqual(full);
    expect(readTerms(values(least), 'EUR')).toEqual(least);
    const products: PromotionTerms = { ...least, scope: { kind: 'products', product_ids: ['a', 'b'] } };
    expect(readTerms(values(products), 'EUR')).toEqual(products);
  });

  it('has lists and texts', () => {
    const form = new FormData();
    form.set('name', ' Sale ');
    form.append('categories', 'Tea');
    form.append('categories', 'Coffee');
    expect(valuesIn(form)).toMatchObject({ name: 'Sale', categories: 'Tea\nCoffee', product_ids: '', code: '' });
  });

  it('keeps the exact time if it was not edited', () => {
    const exact = { ...full, starts_at: '2026-04-24T00:00:00.123456Z' };
    expect(readTerms(values(exact), 'EUR', exact).starts_at).toBe(exact.starts_at);
    const edited = { ...values(exact), starts_at: values(full).ends_at };
    expect(readTerms(edited, 'EUR', exact).starts_at).toBe(full.ends_at);
    expect(readTerms({ ...values(exact), starts_at: '' }, 'EUR', exact).starts_at).toBeUndefined();
  });

  it('needs its amounts again if they are in another currency', () => {
    expect(termValues(full, 'USD')).toMatchObject({ minimum: '', cap: '', percent: '12.5' });
  });

  it('names every field that is not valid', () => {
    const bad = {
      ...values(full),
      percent: '12.345',
      cap: 'ten',
      minimum: '0',
      starts_at: 'incomplete',
      total_limit: '1.5',
      customer_limit: 'one',
      priority: 'high',
    };
    const errors = () => {
      try {
        readTerms(bad, 'EUR');
      } catch (error) {
        return fieldErrors(error);
      }
      return new Map<string, string>();
    };
    expect([...errors()]).toEqual([
      ['/reduction/basis_points', 'Enter a percentage from 0.01 to 100, with at most 2 decimals.'],
      ['/starts_at', 'Enter the date and the time, or leave both empty.'],
      ['/minimum', 'Enter an amount above 0.'],
      ['/cap', 'Enter an amount such as 12.50 EUR, with at most 2 decimals.'],
      ['/total_limit', 'Enter a whole number, such as 100, or leave this empty.'],
      ['/customer_limit', 'Enter a whole number, such as 100, or leave this empty.'],
      ['/priority', 'Enter a whole number from -1000 to 1000.'],
    ]);
  });
});

describe('a change of another member of staff', () => {
  const current: PromotionTerms = {
    ...full,
    reduction: { kind: 'amount', amount: eur(100) },
    scope: { kind: 'order' },
    cap: undefined,
  };

  it('is listed by term', () => {
    expect(termChanges(full, current, 'EUR')).toEqual([
      { field: 'kind', label: 'Takes off', was: '12.5 %', is: '€1.00' },
      { field: 'cap', label: 'At most', was: '€5.00', is: '' },
      { field: 'scope', label: 'Applies to', was: 'Tea, Cups, white', is: 'the whole order' },
    ]);
    expect(termChanges(full, full, 'EUR')).toEqual([]);
  });

  it('is listed if the number of products stays the same', () => {
    const of = (id: string): PromotionTerms => ({ ...full, scope: { kind: 'products', product_ids: [id] } });
    expect(termChanges(of('aaaa-00000001'), of('aaaa-00000002'), 'EUR')).toEqual([
      { field: 'scope', label: 'Applies to', was: 'products 00000001', is: 'products 00000002' },
    ]);
  });

  it('is copied into the form, which keeps its other texts', () => {
    const typed = { ...values(full), name: 'Tea month' };
    expect(withTermChanges(typed, full, current, 'EUR')).toEqual({ ...values(current), name: 'Tea month' });
  });

  it('is read from a refusal', () => {
    const promotion = { id: 'p', terms: full, used: 0, updated_at: '2026-01-01T00:00:00Z' };
    const body = { detail: 'It was changed.', current_promotion: promotion };
    const answer = (status: number) => new Response(null, { status, headers: { etag: '"2"' } });
    expect(currentPromotion(new Refused(answer(412), body))).toEqual({ promotion, etag: '"2"' });
    expect(currentPromotion(new Refused(answer(409), body))).toBeUndefined();
  });
});
