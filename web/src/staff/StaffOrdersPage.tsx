import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { Order, OrderStatus } from '../api/client';
import { useFollow } from '../live/useLive';
import { OrderRow } from '../orders/OrderRow';
import { ordersQuery } from '../orders/queries';
import { STATUS } from '../orders/words';
import { Select } from '../ui/Field';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';

/** The socket tells of orders that are followed; that there is a new one of somebody else, it does not. */
const LOOK_EVERY = 5_000;
/** Followed one by one, the latest. */
const FOLLOWED = 40;

export default function StaffOrdersPage() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('status') ?? '';
  const status = asked in STATUS ? (asked as OrderStatus) : undefined;
  return (
    <Page title="All orders">
      <div className="staff-tools">
        <Select
          label="Status"
          value={status ?? ''}
          onChange={({ target }) => setParams(target.value === '' ? {} : { status: target.value }, { replace: true })}
        >
          <option value="">Any</option>
          {Object.entries(STATUS).map(([name, { short }]) => (
            <option key={name} value={name}>
              {short}
            </option>
          ))}
        </Select>
      </div>
      <Orders status={status} />
    </Page>
  );
}

function Orders({ status }: { status: OrderStatus | undefined }) {
  const list = useInfiniteQuery({ ...ordersQuery({ status }), refetchOnMount: 'always', refetchInterval: LOOK_EVERY });
  if (list.isPending) return <Loading rows={6} />;
  if (list.data === undefined) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  const orders = list.data.pages.flatMap((page) => page.items);
  if (orders.length === 0)
    return <Empty title={status === undefined ? 'Nobody has ordered yet.' : 'No order stands there now.'} />;
  return (
    <>
      <OrderList orders={orders} />
      <MoreButton list={list} what="orders" />
    </>
  );
}

function OrderList({ orders }: { orders: readonly Order[] }) {
  useFollow(orders.slice(0, FOLLOWED));
  return (
    <ul className="order-list">
      {orders.map((order) => (
        <OrderRow key={order.id} order={order} />
      ))}
    </ul>
  );
}
