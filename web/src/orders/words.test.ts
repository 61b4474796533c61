import { expect, it } from 'vitest';
import { mayCancel, mayRefund, shortId, situation, step } from './words';

it('says why a card was declined', () => {
  expect(situation({ status: 'payment_failed', reason: 'insufficient_funds' })).toMatch(/not enough money/);
  expect(situation({ status: 'payment_failed', reason: 'a_new_code' })).toMatch(/was not accepted/);
});

it('says why an order was cancelled without its owner', () => {
  expect(situation({ status: 'cancelled', reason: null })).toBe('This order is cancelled. You do not pay for it.');
  expect(situation({ status: 'cancelled', reason: 'expired' })).toMatch(/cancelled: it was not paid in time\. You/);
  expect(step({ status: 'cancelled', reason: 'currency_not_supported' }, 1)).toMatch(
    /cannot charge cards in this currency/,
  );
});

it('says why an order was not taken', () => {
  expect(situation({ status: 'rejected', reason: 'out_of_stock' })).toMatch(
    /not enough in stock\. Nothing was charged/,
  );
  expect(step({ status: 'rejected', reason: 'price_changed' }, 1)).toBe(
    'Not accepted: a price had changed since you saw it',
  );
  expect(step({ status: 'reserved', reason: null }, 2)).toMatch(/tried again \(2\)/);
});

it('offers only what the status machine allows', () => {
  expect(mayCancel('reserved')).toBe(true);
  expect(mayCancel('paid')).toBe(false);
  expect(mayRefund('paid', false)).toBe(true);
  expect(mayRefund('completed', false)).toBe(false);
  expect(mayRefund('completed', true)).toBe(true);
});

it('names orders by the end of their id', () => {
  expect(shortId('01900000-0000-7000-8000-0000006a750a')).toBe('006a750a');
});
