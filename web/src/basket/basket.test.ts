import { describe, expect, it } from 'vitest';
import type { Product } from '../api/client';
import { type Basket, changed, countPieces, MOST_LINES, parseBasket } from './basket';

const product = (id: string, amount_minor = 690): Product => ({
  id,
  sku: `SKU-${id}`,
  name: `Product ${id}`,
  description: '',
  category: 'Tea',
  price: { amount_minor, currency: 'EUR' },
  available: 10,
  updated_at: '2026-01-01T00:00:00Z',
});

const add = (basket: Basket, id: string, quantity = 1, price?: number) =>
  changed(basket, { do: 'add', product: product(id, price), quantity });

describe('a basket', () => {
  it('adds up what is the same and takes its latest price', () => {
    const basket = add(add(add([], 'a'), 'b', 3), 'a', 2, 720);
    expect(basket.map(({ product: { id }, quantity }) => [id, quantity])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
    expect(basket[0]?.product.price.amount_minor).toBe(720);
    expect(countPieces(basket)).toBe(6);
  });

  it('keeps quantities to what can be ordered', () => {
    const basket = add([], 'a');
    const set = (quantity: number) => changed(basket, { do: 'set', productId: 'a', quantity })[0]?.quantity;
    expect([set(5), set(0), set(-2), set(2.9), set(Number.NaN), set(1001)]).toEqual([5, 1, 1, 2, 1, 1000]);
  });

  it('lets go of things', () => {
    const basket = add(add([], 'a'), 'b');
    expect(changed(basket, { do: 'remove', productId: 'a' }).map(({ product: { id } }) => id)).toEqual(['b']);
    expect(changed(basket, { do: 'empty' })).toEqual([]);
  });

  it('is never longer than an order may be', () => {
    let basket: Basket = [];
    for (let index = 0; index < MOST_LINES + 5; index += 1) basket = add(basket, String(index));
    expect(basket).toHaveLength(MOST_LINES);
  });
});

describe('a basket that was kept', () => {
  it('is there again', () => {
    const basket = add([], 'a', 2);
    expect(parseBasket(JSON.stringify(basket))).toEqual(basket);
  });

  it('loses what cannot be read', () => {
    const good = add([], 'a')[0];
    for (const text of [null, '', '{', '7', '{"a":1}', '[null, 1, {}]', '[{"quantity":2}]']) {
      expect(parseBasket(text)).toEqual([]);
    }
    const bad = [{ ...good, quantity: 0 }, { ...good, quantity: '2' }, { quantity: 1, product: { id: 'a' } }, null];
    expect(parseBasket(JSON.stringify([good, ...bad]))).toEqual([good]);
  });
});
