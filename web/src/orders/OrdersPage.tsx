import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { usePollInterval } from '../live/useLive';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { OrderRow } from './OrderRow';
import { ordersQuery } from './queries';

export function OrdersPage() {
  return (
    <Page title="My orders">
      <Orders />
    </Page>
  );
}

function Orders() {
  const refetchInterval = usePollInterval();
  const list = useInfiniteQuery({ ...ordersQuery({}), refetchOnMount: 'always', refetchInterval });
  if (list.isPending) return <Loading rows={4} />;
  if (list.data === undefined) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  const orders = list.data.pages.flatMap((page) => page.items);
  if (orders.length === 0) {
    return (
      <Empty title="You have not ordered anything yet.">
        <Link href="/" className="button button-main">
          Browse the shop
        </Link>
      </Empty>
    );
  }
  return (
    <>
      <ul className="order-list">
        {orders.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </ul>
      <MoreButton list={list} what="orders" />
    </>
  );
}
