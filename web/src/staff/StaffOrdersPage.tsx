import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearchParams } from 'wouter';
import type { OrderStatus } from '../api/client';
import { usePollInterval } from '../live/useLive';
import { CustomerLink } from '../orders/CustomerLink';
import { followAllOrders, type OrderFilter, ordersQuery } from '../orders/queries';
import { STATUS } from '../orders/words';
import { Select } from '../ui/Field';
import { MoreButton } from '../ui/MoreButton';
import { focusHeading, Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { FindOrders } from './FindOrders';
import { StaffOrderRow } from './StaffOrderRow';

export default function StaffOrdersPage() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('status') ?? '';
  const status = asked in STATUS ? (asked as OrderStatus) : undefined;
  const customer = params.get('customer') ?? undefined;
  const show = (filter: { status: string; customer: string | undefined }) => {
    const { status, customer = '' } = filter;
    setParams({ ...(status !== '' && { status }), ...(customer !== '' && { customer }) }, { replace: true });
  };
  return (
    <Page title="All orders">
      <div className="staff-tools">
        <Select label="Status" value={status ?? ''} onChange={({ target }) => show({ status: target.value, customer })}>
          <option value="">Any</option>
          {Object.entries(STATUS).map(([name, { short }]) => (
            <option key={name} value={name}>
              {short}
            </option>
          ))}
        </Select>
        <FindOrders />
      </div>
      {customer !== undefined && (
        <p className="staff-filter">
          Orders of customer <CustomerLink id={customer} />{' '}
          <button
            type="button"
            className="link"
            onClick={() => {
              show({ status: status ?? '', customer: undefined });
              // The button that had the focus has disappeared.
              focusHeading();
            }}
          >
            Show all customers
          </button>
        </p>
      )}
      <Orders filter={{ status, user_id: customer }} />
    </Page>
  );
}

function Orders({ filter }: { filter: OrderFilter }) {
  const client = useQueryClient();
  const refetchInterval = usePollInterval();
  const list = useInfiniteQuery({ ...ordersQuery(filter), refetchOnMount: 'always', refetchInterval });
  const isLoaded = list.data !== undefined;
  // The first hint arrives at once, so a change during the first read is not missed.
  useEffect(() => (isLoaded ? followAllOrders(client) : undefined), [client, isLoaded]);
  if (list.isPending) return <Loading rows={6} />;
  if (list.data === undefined) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  const orders = list.data.pages.flatMap((page) => page.items);
  if (orders.length === 0) return <Empty title={none(filter)} />;
  return (
    <>
      <ul className="order-list">
        {orders.map((order) => (
          <StaffOrderRow key={order.id} order={order} />
        ))}
      </ul>
      <MoreButton list={list} what="orders" />
    </>
  );
}

function none({ status, user_id }: OrderFilter): string {
  if (status !== undefined) return 'No orders with this status.';
  return user_id === undefined ? 'No orders yet.' : 'This customer has no orders.';
}
