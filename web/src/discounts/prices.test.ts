import { expect, it } from 'vitest';
import { reducedPrice } from './prices';

const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
const tea = { id: 'tea', price: eur(690) };
const priced = (product_id: string, list: number, price: number) => ({
  product_id,
  list_price: eur(list),
  price: eur(price),
  adjustments: list === price ? [] : [{ promotion_id: 'p', name: 'Tea week', amount: eur(list - price) }],
});

it('finds the reduced price of a product', () => {
  const prices = [priced('cup', 1200, 1000), priced('tea', 690, 621)];
  expect(reducedPrice(tea, prices)).toBe(prices[1]);
});

it('finds none if no promotion applies or the price is not known', () => {
  expect(reducedPrice(tea, [priced('tea', 690, 690)])).toBeUndefined();
  expect(reducedPrice(tea, [priced('cup', 690, 500)])).toBeUndefined();
  expect(reducedPrice(tea, [])).toBeUndefined();
});

it('finds none if the list price has changed since', () => {
  expect(reducedPrice(tea, [priced('tea', 720, 648)])).toBeUndefined();
  expect(reducedPrice({ ...tea, price: { amount_minor: 690, currency: 'USD' } }, [priced('tea', 690, 621)])).toBe(
    undefined,
  );
});
