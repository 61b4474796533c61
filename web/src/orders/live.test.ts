import { describe, expect, it } from 'vitest';
import type { HistoryEntry, Order, OrderStatus } from '../api/client';
import type { StatusFrame } from '../live/protocol';
import { isIncomplete, withEntry, withStatus } from './live';

const order = { id: 'o1', status: 'new', version: 1, updated_at: 'then', reason: null } as Order;

const frame = (version: number, status: OrderStatus, rest: Partial<StatusFrame> = {}): StatusFrame => ({
  type: 'status',
  order_id: 'o1',
  status,
  version,
  at: 'now',
  ...rest,
});

const entry = (version: number, status: OrderStatus) => ({ version, status }) as HistoryEntry;

describe('an order', () => {
  it('changes with a later version', () => {
    const after = withStatus(order, frame(3, 'payment_failed', { reason: 'expired_card' }));
    expect(after).toMatchObject({ status: 'payment_failed', version: 3, updated_at: 'now', reason: 'expired_card' });
    expect(withStatus(after, frame(4, 'reserved')).reason).toBeNull();
  });

  it('keeps the detail of a rejection', () => {
    const why = { reason: 'out_of_stock', detail: 'Tea: 1 left, 2 ordered.' };
    expect(withStatus(order, frame(2, 'rejected', why))).toMatchObject(why);
  });

  it('ignores an old frame and a frame of another order', () => {
    expect(withStatus(order, frame(1, 'new'))).toBe(order);
    expect(withStatus(order, frame(2, 'paid', { order_id: 'o2' }))).toBe(order);
    expect(withStatus(order, undefined)).toBe(order);
  });
});

describe('a history', () => {
  const history = [entry(1, 'new'), entry(2, 'reserved')];

  it('gains the next step', () => {
    expect(withEntry(history, frame(3, 'paid'))?.at(-1)).toMatchObject({
      version: 3,
      status: 'paid',
      type: 'order_paid',
    });
  });

  it('does not repeat a step', () => {
    expect(withEntry(history, frame(2, 'reserved'))).toBe(history);
  });

  it('reports missing steps', () => {
    expect(withEntry(history, frame(4, 'completed'))).toBeUndefined();
    expect(withEntry([], frame(2, 'reserved'))).toBeUndefined();
  });
});

it('a frame is incomplete if prices may have changed', () => {
  expect(isIncomplete(frame(2, 'reserved'))).toBe(true);
  expect(isIncomplete(frame(3, 'paid', { snapshot: true }))).toBe(true);
  expect(isIncomplete(frame(3, 'paid'))).toBe(false);
});
