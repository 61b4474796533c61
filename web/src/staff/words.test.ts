import { expect, it } from 'vitest';
import type { ParkedSummary, Queue } from '../api/client';
import { Refused, Unreachable } from '../api/problem';
import { ago, concern, notice, orderAddress, plainly, pretty, size } from './words';

const ORDER = '01900000-0000-7000-8000-000000000004';
const message = (id: string, order_id: string | null = null): ParkedSummary => ({
  id,
  message_id: 'm-1',
  order_id,
  reason: 'no answer',
  attempt: 4,
  bytes: 2,
  received_at: '2026-11-21T12:00:00Z',
  state: 'parked',
});

it('marks queues that need attention', () => {
  const queue = (kind: Queue['kind'], ready: number, consumers: number): Queue => ({
    name: kind,
    kind,
    ready,
    unacknowledged: 0,
    consumers,
  });
  expect(concern(queue('work', 0, 0))?.tone).toBe('bad');
  expect(concern(queue('work', 9, 1))).toBeNull();
  expect(concern(queue('retry', 9, 0))).toBeNull();
  expect(concern(queue('parking', 1, 0))?.tone).toBe('waiting');
  expect(concern(queue('parking', 0, 0))).toBeNull();
});

it('tells staff which part does not answer, and hides the details of an internal error', () => {
  const refused = (status: number) => {
    const detail = 'RabbitMQ does not answer now.';
    return new Refused(new Response(null, { status }), { type: '/problems/x', title: 'x', status, detail });
  };
  expect(plainly(refused(503))).toBe('RabbitMQ does not answer now.');
  expect(plainly(refused(500))).toMatch(/It has been logged/);
  expect(plainly(new Unreachable('gone'))).toMatch(/cannot be reached/);
});

it('does not report a message as replayed if it is parked again', () => {
  const done = { count: 1, message: message('a'), result: 'The message is back in order-processor.' };
  const other = { ...message('b'), message_id: 'm-2' };
  expect(notice(done, [other]).words).toBe('The message is back in order-processor.');
  expect(notice(done, [other, message('c')]).words).toBe('The message failed again and is parked.');
  expect(notice({ count: 0, message: null, result: '' }, [other]).words).toBe('');
});

it('shows the age of a time', () => {
  const at = '2026-11-21T12:00:00Z';
  const after = (seconds: number) => ago(at, Date.parse(at) + seconds * 1000);
  expect([0, 1, 59, 60, 7_199, 86_400].map(after)).toEqual([
    '0 seconds ago',
    '1 second ago',
    '59 seconds ago',
    '1 minute ago',
    '1 hour ago',
    '1 day ago',
  ]);
  // The clocks of two machines may differ.
  expect(after(-5)).toBe('0 seconds ago');
});

it('shows the size of a body', () => {
  expect([0, 1, 1023, 1024, 16 * 1024 * 1024].map(size)).toEqual([
    '0 bytes',
    '1 byte',
    '1023 bytes',
    '1.0 KiB',
    '16.0 MiB',
  ]);
});

it('shows JSON with indents and leaves other text unchanged', () => {
  expect(pretty('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(pretty('<b>not JSON</b>')).toBe('<b>not JSON</b>');
});

it('links to an order only if the id is valid', () => {
  expect(orderAddress(message('m', ORDER))).toBe(`/orders/${ORDER}`);
  for (const odd of [null, '', '../staff', `${ORDER}/x`, 'javascript:alert(1)']) {
    expect(orderAddress(message('m', odd))).toBeNull();
  }
});
