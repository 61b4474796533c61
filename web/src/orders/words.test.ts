import { expect, it } from 'vitest';
import type { OrderStatus } from '../api/client';
import { discountOf, mayCancel, mayRefund, shortId, situation, staffSituation, STATUS, step } from './words';

it('gives the reason why a card was declined', () => {
  expect(situation({ status: 'payment_failed', reason: 'insufficient_funds' })).toBe(
    'Your card was declined: insufficient funds. Your items stay reserved for a while.',
  );
  expect(situation({ status: 'payment_failed', reason: 'a_new_code' })).toMatch(/was not accepted/);
});

it('gives the reason if the customer did not cancel the order', () => {
  expect(situation({ status: 'cancelled', reason: null })).toBe('This order is cancelled. You do not pay for it.');
  expect(situation({ status: 'cancelled', reason: 'expired' })).toMatch(/cancelled: it was not paid in time\. You/);
  expect(step({ status: 'cancelled', reason: 'currency_not_supported' }, 1)).toMatch(
    /cannot charge cards in this currency/,
  );
});

it('gives the reason why an order was not accepted', () => {
  expect(situation({ status: 'rejected', reason: 'out_of_stock' })).toMatch(
    /not enough in stock\. Nothing was charged/,
  );
  expect(step({ status: 'rejected', reason: 'price_changed' }, 1)).toBe(
    'Not accepted: a price changed before the order was placed',
  );
  const detail = 'Earl Grey, 100 g: 1 left, 2 ordered.';
  expect(step({ status: 'rejected', reason: 'out_of_stock', detail }, 1)).toBe(`Not accepted: ${detail}`);
  expect(step({ status: 'reserved', reason: null }, 2)).toMatch(/tried again \(2\)/);
});

it('says which code could not be used', () => {
  const reason = 'discount_unavailable';
  const detail = 'Tea week is used up.';
  expect(situation({ status: 'rejected', reason, detail })).toBe(
    'We could not accept this order. Tea week is used up. Nothing was charged.',
  );
  expect(situation({ status: 'rejected', reason })).toMatch(/A discount code could not be used\. Nothing/);
  expect(staffSituation({ status: 'rejected', reason })).toMatch(/A discount code could not be used\. Nothing/);
});

it('sums up the discounts of an order', () => {
  const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
  const line = (quantity: number, unit: number, total: number) => ({
    product_id: 'a',
    name: 'A',
    category: 'Tea',
    quantity,
    unit_price: eur(unit),
    adjustments:
      unit * quantity === total ? [] : [{ promotion_id: 'p', name: 'Sale', amount: eur(unit * quantity - total) }],
    total: eur(total),
  });
  expect(discountOf([line(2, 690, 1242), line(1, 1200, 1200)])).toEqual({ list: eur(2580), off: eur(138) });
  expect(discountOf([line(2, 690, 1380)])).toBeNull();
  expect(discountOf([])).toBeNull();
});

it('says that an order is on its way only if there is an address', () => {
  const shipping_address = { name: 'A', street: '1', city: 'B', postal_code: '2', country: 'GB' } as const;
  expect(situation({ status: 'completed', reason: null, shipping_address })).toMatch(/We send your order to you/);
  expect(situation({ status: 'completed', reason: null })).toBe('All done. Your order is complete.');
});

it('refers to the customer in the third person for staff', () => {
  for (const status of Object.keys(STATUS) as OrderStatus[]) {
    for (const reason of [null, 'generic_decline', 'price_changed', 'expired']) {
      expect(staffSituation({ status, reason })).not.toMatch(/\b(you|your|we|our)\b/i);
      expect(step({ status, reason }, 1)).not.toMatch(/\b(you|your|we|our)\b/i);
    }
  }
  expect(staffSituation({ status: 'payment_failed', reason: 'expired_card' })).toBe(
    'The customer’s card was declined: it has expired. The items stay reserved for a while.',
  );
});

it('offers only actions that the status machine allows', () => {
  expect(mayCancel('reserved')).toBe(true);
  expect(mayCancel('paid')).toBe(false);
  expect(mayRefund('paid', false)).toBe(true);
  expect(mayRefund('completed', false)).toBe(false);
  expect(mayRefund('completed', true)).toBe(true);
});

it('shows the end of the id as the order number', () => {
  expect(shortId('01900000-0000-7000-8000-0000006a750a')).toBe('006a750a');
});
