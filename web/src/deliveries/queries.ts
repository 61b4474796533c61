/** Queries for deliveries. The socket says when to read them again. */

import { infiniteQueryOptions, type QueryClient, queryOptions, type UseMutationOptions } from '@tanstack/react-query';
import { deliveries, type Delivery, type DeliveryStatus, type PlaceOrder } from '../api/client';
import { isMissing } from '../api/problem';
import { unwrap } from '../api/transport';
import { live } from '../live/live';

export type Address = NonNullable<PlaceOrder['shipping_address']>;

const PAGE = 50;

const keys = {
  all: ['deliveries'],
  one: (orderId: string) => ['deliveries', 'one', orderId],
  lists: ['deliveries', 'list'],
};

/** The delivery of an order, or null if there is none. It begins a moment after the order is completed. */
export const deliveryQuery = (orderId: string) =>
  queryOptions({
    queryKey: keys.one(orderId),
    queryFn: async ({ signal }): Promise<Delivery | null> => {
      const answer = deliveries.GET('/deliveries/{order_id}', { params: { path: { order_id: orderId } }, signal });
      return unwrap(answer).catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
    },
  });

export interface DeliveryFilter {
  status?: DeliveryStatus | undefined;
  late?: boolean | undefined;
}

export const deliveriesQuery = (filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...filter, limit: PAGE, ...(cursor !== null && { cursor }) };
      return unwrap(deliveries.GET('/deliveries', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

/** Reads deliveries again when the socket says that they have changed. */
export function followDeliveries(client: QueryClient): () => void {
  return live.onDelivery((frame) => {
    void client.invalidateQueries({ queryKey: frame === null ? keys.all : keys.one(frame.order_id) });
  });
}

/** Changes the address. The answer is the changed delivery. */
export function changeAddress(client: QueryClient, orderId: string): UseMutationOptions<Delivery, Error, Address> {
  return {
    mutationFn: (body) =>
      unwrap(deliveries.PUT('/deliveries/{order_id}/address', { params: { path: { order_id: orderId } }, body })),
    onSuccess: (delivery) => client.setQueryData(keys.one(orderId), delivery),
    // After a refusal the carrier may have the parcel.
    onError: () => client.invalidateQueries({ queryKey: keys.one(orderId) }),
  };
}
