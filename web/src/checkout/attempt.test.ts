import { beforeEach, describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../api/client';
import { answered, keyFor } from './attempt';

describe('the key of an order', () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const request = (quantity: number): PlaceOrder => ({
    items: [{ product_id: '01900000-0000-7000-8000-000000000001', quantity }],
    payment_method: 'pm_card_visa',
  });

  beforeEach(() => kept.clear());

  it('stays for the same request until it is answered', () => {
    const key = keyFor(request(1), store);
    expect(keyFor(request(1), store)).toBe(key);
    answered(store);
    expect(keyFor(request(1), store)).not.toBe(key);
  });

  it('is another one for another request', () => {
    const key = keyFor(request(1), store);
    expect(keyFor(request(2), store)).not.toBe(key);
  });

  it('does not mind what it cannot read', () => {
    store.setItem('orderflow.attempt', '{"key":7');
    expect(keyFor(request(1), store)).toMatch(/^[0-9a-f-]{36}$/);
  });
});
