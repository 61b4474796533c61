import { expect, it } from 'vitest';
import type { ParkedPage, ParkedSummary, Queue } from '../api/client';
import { parkedDepth, without } from './broker';

const message = (id: string): ParkedSummary => ({ id, reason: 'no answer', attempt: 4, bytes: 2 });
const page = (...ids: string[]): ParkedPage => ({ items: ids.map(message), next_cursor: null, total: 3 });

it('removes all copies of a message from the list', () => {
  const list = { pages: [page('a', 'b'), page('b')], pageParams: [null, 'next'] };
  const left = without(list, 'b');
  expect(left.pages.map(({ items }) => items.map(({ id }) => id))).toEqual([['a'], []]);
  expect(left.pages.map(({ total }) => total)).toEqual([1, 1]);
  expect(without(list, 'c')).toEqual(list);
});

it('counts messages that are being read as parked', () => {
  const parking: Queue = { name: 'parking', kind: 'parking', ready: 1, unacknowledged: 2, consumers: 0 };
  expect(parkedDepth([parking])).toBe(3);
  expect(parkedDepth([])).toBeUndefined();
});
