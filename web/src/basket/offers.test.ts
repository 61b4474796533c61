import { describe, expect, it } from 'vitest';
import type { Product } from '../api/client';
import { Refused } from '../api/problem';
import type { BasketLine } from './basket';
import { offer } from './useOffers';

const price = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
const line: BasketLine = {
  product: { id: 'a', sku: 'A', name: 'A', category: 'Tea', price: price(690) },
  quantity: 3,
};
const now = (available: number, amount = 690) => ({ ...line.product, price: price(amount), available }) as Product;

describe('a line of the basket', () => {
  it('is fine as it is, and while nobody has answered', () => {
    expect(offer(line, now(3), null)).toMatchObject({ obstacle: null, note: null });
    expect(offer(line, undefined, null)).toMatchObject({ obstacle: null, product: line.product });
  });

  it('says what is short', () => {
    expect(offer(line, now(2), null).obstacle).toBe('Only 2 left.');
    expect(offer(line, now(0), null).obstacle).toBe('This is sold out.');
    expect(offer(line, undefined, new Refused(new Response(null, { status: 404 }), null)).obstacle).toMatch(
      /no longer/,
    );
  });

  it('counts at the price of today', () => {
    expect(offer(line, now(9, 720), null)).toMatchObject({
      note: 'The price has changed.',
      product: { price: price(720) },
    });
  });
});
