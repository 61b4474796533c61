/** The queues of the broker, and the actions on parked messages. */

import {
  infiniteQueryOptions,
  queryOptions,
  type InfiniteData,
  type QueryClient,
  type UseMutationOptions,
} from '@tanstack/react-query';
import { operations, type ParkedPage, type ParkedSummary, type Queue } from '../api/client';
import { Refused } from '../api/problem';
import { unwrap } from '../api/transport';

/** RabbitMQ updates its counts this often, in milliseconds. Parked messages are read as often. */
const POLL_INTERVAL = 5_000;
const PAGE = 20;

export const queuesQuery = queryOptions({
  queryKey: ['broker', 'queues'],
  queryFn: async ({ signal }): Promise<readonly Queue[]> => (await unwrap(operations.GET('/queues', { signal }))).items,
  refetchInterval: POLL_INTERVAL,
});

export const parkedQuery = infiniteQueryOptions({
  queryKey: ['broker', 'parked'],
  queryFn: ({ pageParam: cursor, signal }): Promise<ParkedPage> => {
    const query = { limit: PAGE, ...(cursor !== null && { cursor }) };
    return unwrap(operations.GET('/parked', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
  refetchInterval: POLL_INTERVAL,
});

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ['broker', 'message', id],
    queryFn: ({ signal }) => unwrap(operations.GET('/parked/{id}', { params: { path: { id } }, signal })),
    // Headers and body do not change.
    staleTime: Infinity,
  });

/** The list without this message. */
export function without<Cursor>(list: InfiniteData<ParkedPage, Cursor>, id: string): InfiniteData<ParkedPage, Cursor> {
  const isGone = (message: { id: string }) => message.id === id;
  const gone = list.pages.reduce((sum, { items }) => sum + items.filter(isGone).length, 0);
  const pages = list.pages.map((page) => ({
    ...page,
    items: page.items.filter((message) => !isGone(message)),
    total: page.total - gone,
  }));
  return { ...list, pages };
}

const NOT_PARKED = '/problems/not-parked';
const ALREADY = 'This message was already replayed or discarded. Nothing was changed.';

async function orAlready(doing: Promise<string>): Promise<string> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof Refused && error.problem?.type === NOT_PARKED) return ALREADY;
    throw error;
  }
}

/** An action on a parked message. Its result is a sentence about the outcome. */
export function parkedAction(
  client: QueryClient,
  { id }: ParkedSummary,
  action: 'replay' | 'discard',
): UseMutationOptions<string> {
  const params = { path: { id } };
  const replay = async () => {
    const { queues } = await unwrap(operations.POST('/parked/{id}/replay', { params }));
    return `The message is back in ${queues.join(' and ')}.`;
  };
  const discard = async () => {
    await unwrap(operations.DELETE('/parked/{id}', { params }));
    return 'The message was discarded.';
  };
  return {
    mutationFn: () => orAlready(action === 'replay' ? replay() : discard()),
    onSuccess: async () => {
      // A running request may still return the message.
      await client.cancelQueries({ queryKey: parkedQuery.queryKey });
      client.setQueryData(parkedQuery.queryKey, (list) => list && without(list, id));
    },
  };
}
