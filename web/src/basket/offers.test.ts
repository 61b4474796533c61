import { describe, expect, it } from 'vitest';
import type { Product } from '../api/client';
import { Refused } from '../api/problem';
import type { BasketLine } from './basket';
import { offer, total } from './useOffers';

const price = (amount_minor: number, currency = 'EUR') => ({ amount_minor, currency });
const line: BasketLine = {
  product: { id: 'a', sku: 'A', name: 'A', category: 'Tea', price: price(690) },
  quantity: 3,
};
const now = (available: number, amount = 690) => ({ ...line.product, price: price(amount), available }) as Product;
const missing = new Refused(new Response(null, { status: 404 }), null);

describe('a line of the basket', () => {
  it('has no obstacle if nothing changed or the shop has not answered', () => {
    expect(offer(line, now(3), null)).toMatchObject({ obstacle: null, priceBefore: null, isSold: true });
    expect(offer(line, undefined, null)).toMatchObject({ obstacle: null, product: line.product, isSold: true });
  });

  it('shows how many are left', () => {
    expect(offer(line, now(2), null).obstacle).toBe('Only 2 left.');
    expect(offer(line, now(0), null).obstacle).toBe('This is sold out.');
    expect(offer(line, undefined, missing).obstacle).toBe('This is no longer sold.');
  });

  it('has the new and the old price', () => {
    expect(offer(line, now(9, 720), null)).toMatchObject({
      obstacle: null,
      priceBefore: price(690),
      product: { price: price(720) },
    });
    expect(
      offer({ ...line, product: { ...line.product, price: price(690, 'USD') } }, now(9), null).priceBefore,
    ).toEqual(price(690, 'USD'));
  });
});

it('the total counts only products that are sold', () => {
  const sold = offer(line, now(2, 720), null);
  expect(total([sold, offer(line, undefined, missing), offer(line, now(0), null)])).toEqual(price(2160));
  expect(total([offer(line, undefined, missing)])).toBeNull();
});
