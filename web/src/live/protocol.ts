/** The frames of the socket, subprotocol `orderflow.v1` (common/src/contract/push.rs). */

import type { DeliveryStatus, OrderStatus } from '../api/client';

export const SUBPROTOCOL = 'orderflow.v1';

/** The token is missing, invalid or expired. */
export const UNAUTHENTICATED = 4401;

export type ClientFrame =
  | { type: 'authenticate'; token: string }
  | { type: 'subscribe' }
  | { type: 'subscribe'; order_id: string; after: number }
  | { type: 'watch_orders' };

/** An order has this status. */
export interface StatusFrame {
  type: 'status';
  order_id: string;
  status: OrderStatus;
  version: number;
  at: string;
  reason?: string;
  /** One sentence for the customer, for `rejected`. */
  detail?: string;
  /** True if this is the status at the time of the subscription. Earlier versions were not sent. */
  snapshot?: boolean;
}

/** The delivery of an order has this status. */
export interface DeliveryFrame {
  type: 'delivery';
  order_id: string;
  status: DeliveryStatus;
  /** Versions rise, and some may be missing. */
  version: number;
  at: string;
}

export type ServerFrame =
  | { type: 'authenticated'; expires_at: string }
  | { type: 'subscribed'; order_id?: string | null }
  | { type: 'refused'; order_id?: string | null; detail: string }
  | { type: 'orders_changed' }
  | { type: 'deliveries_changed' }
  | DeliveryFrame
  | StatusFrame;
