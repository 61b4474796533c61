/** Applies pushed statuses to the orders that the page shows. */

import type { HistoryEntry, Order } from '../api/client';
import type { StatusFrame } from '../live/protocol';

/** The order after this frame. Returns the same object if the frame is not newer. */
export function withStatus(order: Order, frame: StatusFrame | undefined): Order {
  if (frame?.order_id !== order.id || frame.version <= order.version) return order;
  const { status, version, at } = frame;
  return { ...order, status, version, updated_at: at, reason: frame.reason ?? null, detail: frame.detail ?? null };
}

/** Whether the order has changes that are not in the frame: prices, the card in use, the attempt. */
export function isIncomplete(frame: StatusFrame): boolean {
  return frame.status === 'reserved' || frame.snapshot === true;
}

/** The history after this frame, or `undefined` if steps in between are missing. */
export function withEntry(history: readonly HistoryEntry[], frame: StatusFrame): readonly HistoryEntry[] | undefined {
  const last = history.at(-1)?.version ?? 0;
  if (frame.version <= last) return history;
  if (frame.version !== last + 1) return undefined;
  const { version, status, at, reason = null, detail = null } = frame;
  const id = `${frame.order_id}/${version}`;
  return [...history, { id, type: `order_${status}`, version, status, at, reason, detail }];
}
