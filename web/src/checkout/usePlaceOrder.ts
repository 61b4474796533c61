import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { type Order, orders, type PlaceOrder } from '../api/client';
import { isTemporary, isUndecided, Refused } from '../api/problem';
import { unwrap } from '../api/transport';
import { basketNow, changeBasket } from '../basket/useBasket';
import { keepOrder } from '../orders/queries';

interface Placing {
  /** The key of the basket of this order. */
  key: string;
  body: PlaceOrder;
}

interface Placed {
  order: Order;
  /** The basket was ordered before: in another tab, or in a request whose answer was lost. */
  isEarlier: boolean;
}

/** The state for the order page after a checkout. */
export interface Arrival {
  isEarlier: boolean;
}

/** Sends the order until it is answered. All requests have the basket's key, so they place one order. */
export function usePlaceOrder() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: place,
    retry: (failures, error) => failures < 3 && isTemporary(error),
    retryDelay: (failure) => 500 * 2 ** failure,
    onSuccess: ({ order, isEarlier }, { key }) => {
      changeBasket({ do: 'place', key, order });
      keepOrder(client, order);
      navigate(`/orders/${order.id}`, { replace: true, state: { isEarlier } satisfies Arrival });
    },
  });
}

async function place({ key, body }: Placing): Promise<Placed> {
  const before = basketNow();
  changeBasket({ do: 'send', key });
  try {
    const sent = orders.POST('/orders', { body, params: { header: { 'Idempotency-Key': key } } });
    return { order: await unwrap(sent), isEarlier: false };
  } catch (error) {
    const id = earlierOrder(error);
    if (id !== undefined) {
      const order = await unwrap(orders.GET('/orders/{id}', { params: { path: { id } } }));
      return { order, isEarlier: true };
    }
    // An earlier request with this key may still be unanswered.
    if (!isUndecided(error) && !(before.key === key && before.isUnanswered)) changeBasket({ do: 'refuse', key });
    throw error;
  }
}

/** The order that was placed with this key before, with another card or address. */
function earlierOrder(error: unknown): string | undefined {
  const problem = error instanceof Refused ? error.problem : undefined;
  return problem?.type === '/problems/idempotency-key-reused' ? problem.order_id : undefined;
}
