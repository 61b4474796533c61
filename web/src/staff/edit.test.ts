import { expect, it } from 'vitest';
import type { Product } from '../api/client';
import { Invalid, Refused } from '../api/problem';
import { setCurrencies } from '../ui/format';
import { changes, currentOf, valuesOf, withChanges } from './edit';

setCurrencies([{ code: 'EUR', digits: 2 }]);

const loaded: Product = {
  id: '01900000-0000-7000-8000-000000000001',
  sku: 'TEA',
  name: 'Tea',
  description: 'Black.',
  category: 'Tea',
  price: { amount_minor: 690, currency: 'EUR' },
  available: 5,
  updated_at: '2026-01-01T00:00:00Z',
};
const current: Product = { ...loaded, price: { amount_minor: 750, currency: 'EUR' }, available: 2 };

it('lists the fields that another member of staff has changed', () => {
  expect(changes(loaded, current)).toEqual([{ field: 'price', label: 'Price', was: '€6.90', is: '€7.50' }]);
  expect(changes(loaded, { ...loaded, available: 0 })).toEqual([]);
});

it('copies the new values and keeps the other typed fields', () => {
  const typed = { ...valuesOf(loaded, 'EUR'), description: 'Black and strong.' };
  expect(withChanges(typed, loaded, current, 'EUR')).toEqual({ ...typed, price: '7.50' });
});

it('reads the current product from a refusal', () => {
  const body = { detail: 'It was changed.', current_product: current };
  const answer = (status: number) => new Response(null, { status, headers: { etag: '"2"' } });
  expect(currentOf(new Refused(answer(412), body))).toEqual({ product: current, etag: '"2"' });
  expect(currentOf(new Refused(answer(409), body))).toBeUndefined();
  expect(currentOf(new Invalid([]))).toBeUndefined();
});
