/** Queries for orders. The socket updates their results. */

import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  type UseMutationOptions,
} from '@tanstack/react-query';
import { type HistoryEntry, type Order, type OrderStatus, orders } from '../api/client';
import { unwrap } from '../api/transport';
import { live } from '../live/live';
import type { StatusFrame } from '../live/protocol';
import { isIncomplete, withEntry, withStatus } from './live';

interface Page {
  items: Order[];
  next_cursor?: string | null;
}

const PAGE = 20;

const keys = {
  one: (id: string) => ['orders', 'one', id],
  history: (id: string) => ['orders', 'history', id],
  lists: ['orders', 'list'],
};

/** Applies the latest frame, because an answer may be older than a frame that arrived meanwhile. */
const current = (order: Order): Order => withStatus(order, live.latest(order.id));

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: async ({ signal }) =>
      current(await unwrap(orders.GET('/orders/{id}', { params: { path: { id } }, signal }))),
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: keys.history(id),
    queryFn: async ({ signal }): Promise<readonly HistoryEntry[]> => {
      for (;;) {
        const { items } = await unwrap(orders.GET('/orders/{id}/events', { params: { path: { id } }, signal }));
        const latest = live.latest(id);
        const history = latest === undefined ? items : withEntry(items, latest);
        // If it is undefined, several steps arrived during the request. Read again: the server has them all by now.
        if (history !== undefined) return history;
      }
    },
  });

export interface OrderFilter {
  status?: OrderStatus | undefined;
  user_id?: string | undefined;
}

export const ordersQuery = (filter: OrderFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: async ({ pageParam: cursor, signal }): Promise<Page> => {
      const query = { ...filter, limit: PAGE, ...(cursor !== null && { cursor }) };
      const page = await unwrap(orders.GET('/orders', { params: { query }, signal }));
      return { ...page, items: page.items.map(current) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

/** Stores an order from an answer. */
export function keepOrder(client: QueryClient, order: Order): void {
  client.setQueryData(orderQuery(order.id).queryKey, (known) =>
    known !== undefined && known.version > order.version ? known : current(order),
  );
}

/** Updates all cached orders from the socket. */
export function followLive(client: QueryClient): () => void {
  return live.onStatus((frame) => {
    client.setQueryData(orderQuery(frame.order_id).queryKey, (order) => order && withStatus(order, frame));
    moveInLists(client, frame);
    moveHistory(client, frame);
    if (isIncomplete(frame)) void client.invalidateQueries({ queryKey: keys.one(frame.order_id) });
  });
}

/** For staff: reads the lists again when orders of the shop have changed. Only one read runs at a time. */
export function followAllOrders(client: QueryClient): () => void {
  let isReading = false;
  let isStale = false;
  const read = async () => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale) {
      isStale = false;
      await client.invalidateQueries({ queryKey: keys.lists });
    }
    isReading = false;
  };
  return live.watchOrders(() => void read());
}

function moveInLists(client: QueryClient, frame: StatusFrame): void {
  const move = (page: Page): Page => ({ ...page, items: page.items.map((order) => withStatus(order, frame)) });
  client.setQueriesData<InfiniteData<Page>>(
    { queryKey: keys.lists },
    (list) => list && { ...list, pages: list.pages.map(move) },
  );
  // The order is new, perhaps from another tab, or it has just got its prices.
  const isNews = frame.status === 'new' || frame.status === 'reserved';
  if (isNews && frame.snapshot !== true) void client.invalidateQueries({ queryKey: keys.lists });
}

function moveHistory(client: QueryClient, frame: StatusFrame): void {
  const { queryKey } = historyQuery(frame.order_id);
  const known = client.getQueryData(queryKey);
  if (known === undefined) return;
  const next = withEntry(known, frame);
  if (next === undefined) void client.invalidateQueries({ queryKey });
  else client.setQueryData(queryKey, next);
}

type Action = 'cancel' | 'refund';

/** An action on an order. The answer is the changed order. */
export function orderAction(client: QueryClient, id: string, action: Action): UseMutationOptions<Order> {
  const path = action === 'cancel' ? '/orders/{id}/cancel' : '/orders/{id}/refund';
  return {
    mutationFn: () => unwrap(orders.POST(path, { params: { path: { id } } })),
    onSuccess: (order) => keepOrder(client, order),
    // Most refusals mean that the order has changed, so read it again.
    onError: () => client.invalidateQueries({ queryKey: keys.one(id) }),
  };
}

export function payAgain(client: QueryClient, id: string): UseMutationOptions<Order, Error, string> {
  return {
    mutationFn: (payment_method) =>
      unwrap(orders.POST('/orders/{id}/payment', { params: { path: { id } }, body: { payment_method } })),
    onSuccess: (order) => keepOrder(client, order),
    onError: () => client.invalidateQueries({ queryKey: keys.one(id) }),
  };
}
