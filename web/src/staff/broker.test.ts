import { expect, it } from 'vitest';
import type { ParkedPage, ParkedSummary } from '../api/client';
import { without } from './broker';

const message = (id: string): ParkedSummary => ({
  id,
  reason: 'no answer',
  attempt: 4,
  bytes: 2,
  received_at: '2026-11-21T12:00:00Z',
  state: 'parked',
});
const page = (...ids: string[]): ParkedPage => ({ items: ids.map(message), next_cursor: null, total: 3 });

it('removes a message from the list', () => {
  const list = { pages: [page('a', 'b'), page('c')], pageParams: [null, 'next'] };
  const left = without(list, 'b');
  expect(left.pages.map(({ items }) => items.map(({ id }) => id))).toEqual([['a'], ['c']]);
  expect(left.pages.map(({ total }) => total)).toEqual([2, 2]);
  expect(without(list, 'd')).toEqual(list);
});
