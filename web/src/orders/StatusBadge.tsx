import type { OrderStatus } from '../api/client';
import { STATUS } from './words';

export function StatusBadge({ status }: { status: OrderStatus }) {
  const { short, tone } = STATUS[status];
  return <span className={`badge badge-${tone}`}>{short}</span>;
}
