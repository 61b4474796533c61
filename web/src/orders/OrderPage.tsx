import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import type { Order } from '../api/client';
import { isMissing } from '../api/problem';
import { changeBasket } from '../basket/useBasket';
import type { Arrival } from '../checkout/usePlaceOrder';
import { useFollow, useIsLive, usePollInterval } from '../live/useLive';
import type { User } from '../session/session';
import { countryName } from '../checkout/countries';
import { Parcel } from '../deliveries/Parcel';
import { dateTime } from '../ui/format';
import { NotFoundPage } from '../ui/NotFoundPage';
import { Page } from '../ui/Page';
import { ErrorState, Loading } from '../ui/states';
import { Actions } from './Actions';
import { cardName } from './cards';
import { CustomerLink } from './CustomerLink';
import { History } from './History';
import { Lines } from './Lines';
import { historyQuery, orderQuery } from './queries';
import { Timeline } from './Timeline';
import { shortId, situation, staffSituation } from './words';

export function OrderPage({ id, user }: { id: string; user: User }) {
  const order = useQuery({ ...orderQuery(id), refetchInterval: usePollInterval() });
  if (order.data !== undefined) return <OrderView order={order.data} user={user} />;
  if (order.isPending) return <Loading kind="block" rows={1} />;
  if (isMissing(order.error)) return <NotFoundPage />;
  return <ErrorState error={order.error} retry={() => void order.refetch()} />;
}

function OrderView({ order, user }: { order: Order; user: User }) {
  useFollow([order]);
  const isLive = useIsLive();
  const refetchInterval = usePollInterval();
  const history = useQuery({ ...historyQuery(order.id), refetchOnMount: 'always', refetchInterval });
  const steps = history.data ?? [];
  const situationLine = useRef<HTMLParagraphElement>(null);
  const arrival = useHistoryState<Arrival | null>();
  useSettled(order);
  const isOwner = user.id === order.user_id;
  return (
    <Page
      title={`Order ${shortId(order.id)}`}
      heading={
        <>
          Order <span className="order-id">{shortId(order.id)}</span>
        </>
      }
      aside={<p className={isLive ? 'live live-on' : 'live'}>{isLive ? 'Live' : 'Not connected'}</p>}
    >
      <p className="quiet order-date">
        Placed on {dateTime(order.created_at)}
        {!isOwner && (
          <>
            {' '}
            by <CustomerLink id={order.user_id} />
          </>
        )}
      </p>
      {arrival?.isEarlier === true && (
        <p className="notice" role="status">
          This basket was ordered before. This is that order; no second order was placed.
        </p>
      )}

      <section className="panel order-now" aria-label="Status">
        <p className="situation" role="status" data-status={order.status} tabIndex={-1} ref={situationLine}>
          {isOwner ? situation(order) : staffSituation(order)}
        </p>
        <Timeline status={order.status} history={steps} />
        <Actions order={order} user={user} onDone={() => situationLine.current?.focus()} />
      </section>

      <div className="order-parts">
        <section aria-labelledby="ordered">
          <h2 id="ordered">Items</h2>
          <Lines order={order} />
        </section>
        <section aria-labelledby="details">
          <h2 id="details">Details</h2>
          <Details order={order} />
        </section>
        <section aria-labelledby="history" className="order-history">
          <h2 id="history">History</h2>
          {history.data === undefined && history.error ? (
            <ErrorState error={history.error} retry={() => void history.refetch()} />
          ) : (
            <History entries={steps} />
          )}
        </section>
      </div>

      {/* It appears when the order is completed. Last on the page, it moves nothing. */}
      {isShipped(order) && <Parcel orderId={order.id} isOwner={isOwner} />}
    </Page>
  );
}

/** Whether the order may have a parcel. A refund comes after the completion, or before it. */
const isShipped = ({ status }: Order): boolean =>
  status === 'completed' || status === 'refund_requested' || status === 'refunded';

/** Returns the lines of a rejected order to the basket. Reads its products again, because at least one has changed. */
function useSettled({ id, status }: Order): void {
  const client = useQueryClient();
  useEffect(() => {
    changeBasket({ do: 'settle', id, status });
    if (status !== 'rejected') return;
    void client.invalidateQueries({ queryKey: ['products'] });
    void client.invalidateQueries({ queryKey: ['prices'] });
  }, [client, id, status]);
}

function Details({ order: { id, codes = [], payment_method, shipping_address: address, note } }: { order: Order }) {
  return (
    <dl className="details">
      <dt>Payment</dt>
      <dd>{cardName(payment_method)}</dd>
      {codes.length > 0 && (
        <>
          <dt>{codes.length === 1 ? 'Discount code' : 'Discount codes'}</dt>
          <dd>
            <bdi>{codes.join(', ')}</bdi>
          </dd>
        </>
      )}
      {address && (
        <>
          <dt>Delivery</dt>
          <dd dir="auto">
            {address.name}
            <br />
            {address.street}
            <br />
            {address.postal_code} {address.city}, {countryName(address.country)}
          </dd>
        </>
      )}
      {note && (
        <>
          <dt>Note</dt>
          <dd className="note" dir="auto">
            {note}
          </dd>
        </>
      )}
      <dt>Order number</dt>
      <dd className="number">{id}</dd>
    </dl>
  );
}
