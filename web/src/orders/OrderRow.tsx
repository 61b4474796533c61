import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Order } from '../api/client';
import { dateTime, money, pieces } from '../ui/format';
import { StatusBadge } from './StatusBadge';
import { shortId } from './words';

/** One order in a list. */
export function OrderRow({ order, children }: { order: Order; children?: ReactNode }) {
  const total = order.total ?? order.expected_total;
  return (
    <li className="order-row">
      <Link href={`/orders/${order.id}`} className="order-row-link">
        <span className="order-row-id">{shortId(order.id)}</span>
        <span className="quiet small">{dateTime(order.created_at)}</span>
      </Link>
      <span className="order-row-what" dir="auto">
        {contents(order)}
      </span>
      <span className="order-row-sum">{total && money(total)}</span>
      <StatusBadge status={order.status} />
      {children}
    </li>
  );
}

/** A short description of the items of an order. */
export function contents({ lines, items }: Order): string {
  const count = items.reduce((all, { quantity }) => all + quantity, 0);
  const [first, ...others] = lines ?? [];
  if (first === undefined) return pieces(count);
  return others.length === 0 ? `${first.quantity} × ${first.name}` : `${first.name} and ${others.length} more`;
}
