import { Link } from 'wouter';
import type { Order } from '../api/client';
import { CustomerLink } from '../orders/CustomerLink';
import { contents } from '../orders/OrderRow';
import { StatusBadge } from '../orders/StatusBadge';
import { shortId } from '../orders/words';
import { dateTime, money } from '../ui/format';

/** One order in the staff list, on one line if there is space. */
export function StaffOrderRow({ order }: { order: Order }) {
  const total = order.total ?? order.expected_total;
  return (
    <li className="order-row staff-row">
      <Link href={`/orders/${order.id}`} className="order-row-id">
        {shortId(order.id)}
      </Link>
      <time className="quiet small staff-row-date" dateTime={order.created_at}>
        {dateTime(order.created_at)}
      </time>
      <span className="staff-row-customer">
        <span className="only-heard">Customer </span>
        <CustomerLink id={order.user_id} />
      </span>
      <span className="order-row-what" dir="auto">
        {contents(order)}
      </span>
      <span className="order-row-sum">{total && money(total)}</span>
      <StatusBadge status={order.status} />
    </li>
  );
}
