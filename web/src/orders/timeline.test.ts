import { describe, expect, it } from 'vitest';
import type { HistoryEntry, OrderStatus } from '../api/client';
import { timeline } from './timeline';

const history = (...statuses: OrderStatus[]) =>
  statuses.map((status, index) => ({ status, version: index + 1, at: `t${index + 1}` }) as HistoryEntry);

const states = (status: OrderStatus, ...before: OrderStatus[]) =>
  timeline(status, history(...before, status))
    .map(({ state }) => state)
    .join(' ');

describe('a timeline', () => {
  it('goes through four steps', () => {
    expect(states('new')).toBe('done current waiting waiting');
    expect(states('reserved', 'new')).toBe('done done current waiting');
    expect(states('paid', 'new', 'reserved')).toBe('done done done current');
    expect(states('completed', 'new', 'reserved', 'paid')).toBe('done done done done');
  });

  it('has four steps for every status', () => {
    const all: OrderStatus[] = [
      'new',
      'reserved',
      'rejected',
      'paid',
      'payment_failed',
      'cancelled',
      'completed',
      'refund_requested',
      'refunded',
    ];
    for (const status of all) expect(timeline(status, history(status))).toHaveLength(4);
  });

  it('stops at the failed step', () => {
    expect(states('rejected', 'new')).toBe('done failed skipped skipped');
    expect(states('payment_failed', 'new', 'reserved')).toBe('done done failed waiting');
  });

  it('shows the steps that a cancelled order has reached', () => {
    expect(states('cancelled', 'new')).toBe('done skipped skipped failed');
    expect(states('cancelled', 'new', 'reserved', 'payment_failed')).toBe('done done skipped failed');
  });

  it('shows the second attempt after a decline', () => {
    const steps = timeline('reserved', history('new', 'reserved', 'payment_failed', 'reserved'));
    expect(steps.map(({ state }) => state).join(' ')).toBe('done done current waiting');
    expect(steps[1]?.at).toBe('t4');
    expect(steps[2]).toMatchObject({ label: 'Paid', at: undefined });
  });

  it('labels the last step', () => {
    const end = (status: OrderStatus) => timeline(status, history('new', status))[3]?.label;
    expect([end('paid'), end('completed'), end('cancelled'), end('refund_requested'), end('refunded')]).toEqual([
      'Completed',
      'Completed',
      'Cancelled',
      'Refunded',
      'Refunded',
    ]);
  });

  it('shows no time for a step that is not reached', () => {
    expect(timeline('new', history('new')).map(({ at }) => at)).toEqual(['t1', undefined, undefined, undefined]);
    expect(timeline('new', [])[0]).toMatchObject({ state: 'done', at: undefined });
  });
});
