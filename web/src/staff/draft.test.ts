import { expect, it } from 'vitest';
import { setCurrencies } from '../ui/format';
import { readDraft } from './draft';

setCurrencies([{ code: 'EUR', digits: 2 }]);

const form = (price: string) => (name: string) => (name === 'price' ? price : name);

it('reads a product', () => {
  expect(readDraft(form('12,90'), 'EUR')).toEqual({
    sku: 'sku',
    name: 'name',
    description: 'description',
    category: 'category',
    price: { amount_minor: 1290, currency: 'EUR' },
  });
});

it('leaves it to the shop to refuse what is no price', () => {
  expect(readDraft(form('cheap'), 'EUR').price).toEqual({ amount_minor: 0, currency: 'EUR' });
});
