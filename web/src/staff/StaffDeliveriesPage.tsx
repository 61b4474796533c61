import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import type { Delivery, DeliveryStatus } from '../api/client';
import { type DeliveryFilter, deliveriesQuery } from '../deliveries/queries';
import { DELIVERY } from '../deliveries/words';
import { CustomerLink } from '../orders/CustomerLink';
import { shortId } from '../orders/words';
import { Select } from '../ui/Field';
import { dateTime, day } from '../ui/format';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { plainly } from './words';

/** The interval of requests, in milliseconds. The socket has only the deliveries of followed orders. */
const REFRESH = 5_000;

/** Shows late deliveries, in the place of a status. */
const LATE = 'late';

export default function StaffDeliveriesPage() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('show') ?? '';
  const status = asked in DELIVERY ? (asked as DeliveryStatus) : undefined;
  const isLate = asked === LATE;
  return (
    <Page title="Deliveries">
      <div className="staff-tools">
        <Select
          label="Show"
          value={isLate ? LATE : (status ?? '')}
          onChange={({ target }) => setParams(target.value === '' ? {} : { show: target.value }, { replace: true })}
        >
          <option value="">All</option>
          <option value={LATE}>Late</option>
          {Object.entries(DELIVERY).map(([name, { short }]) => (
            <option key={name} value={name}>
              {short}
            </option>
          ))}
        </Select>
      </div>
      <Deliveries filter={isLate ? { late: true } : { status }} />
    </Page>
  );
}

function Deliveries({ filter }: { filter: DeliveryFilter }) {
  const list = useInfiniteQuery({ ...deliveriesQuery(filter), refetchOnMount: 'always', refetchInterval: REFRESH });
  if (list.isPending) return <Loading rows={6} />;
  if (list.data === undefined) {
    return <ErrorState error={list.error} say={plainly} retry={() => void list.refetch()} />;
  }
  const deliveries = list.data.pages.flatMap((page) => page.items);
  if (deliveries.length === 0) return <Empty title="No such deliveries." />;
  return (
    <>
      <p className="lead">A lost or returned parcel is refunded on the page of its order.</p>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">Customer</th>
              <th scope="col">Status</th>
              <th scope="col">Promised</th>
              <th scope="col">Last change</th>
              <th scope="col">Parcel</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <DeliveryRow key={delivery.order_id} delivery={delivery} />
            ))}
          </tbody>
        </table>
      </div>
      <MoreButton list={list} what="deliveries" />
    </>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { order_id, user_id, status, is_late, promised_to, updated_at, parcel, refusal, address } = delivery;
  const { short, tone } = DELIVERY[status];
  return (
    <tr>
      <th scope="row">
        <Link href={`/orders/${order_id}`} className="number">
          {shortId(order_id)}
        </Link>
      </th>
      <td>
        <CustomerLink id={user_id} />
      </td>
      <td>
        <span className={`badge badge-${tone}`}>{short}</span>
        {is_late && <span className="badge badge-bad">Late</span>}
      </td>
      <td className="small">by {day(promised_to)}</td>
      <td className="small">{dateTime(updated_at)}</td>
      <td className="small">
        {parcel ?? <span className="quiet">{refusal ?? (address ? 'not handed over' : 'waits for an address')}</span>}
      </td>
    </tr>
  );
}
