import { useEffect, useState, useSyncExternalStore } from 'react';
import { live } from './live';

/** A disconnect is shown only after this time, in milliseconds. */
const NOTICE_DELAY = 1_500;

/** Whether the data is live. A short disconnect is ignored. */
export function useIsLive(): boolean {
  const state = useSyncExternalStore(live.onState, () => live.state);
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    if (state !== 'connecting') return;
    const timer = setTimeout(() => setWaited(true), NOTICE_DELAY);
    return () => {
      clearTimeout(timer);
      setWaited(false);
    };
  }, [state]);
  return !(state === 'connecting' && waited);
}

/** The interval of requests while the socket is disconnected, in milliseconds. */
const POLL_INTERVAL = 3_000;

/** The poll interval for queries, or false while the socket is connected. */
export function usePollInterval(): number | false {
  return useIsLive() ? false : POLL_INTERVAL;
}

/** Follows these orders by id, each from its known version, in addition to the user's own orders. */
export function useFollow(orders: readonly { id: string; version: number }[]): void {
  // Versions rise while an order is followed. Only a change of the set of orders subscribes again.
  const ids = orders.map(({ id }) => id).join(' ');
  useEffect(() => {
    const leave = orders.map(({ id, version }) => live.follow(id, version));
    return () => {
      for (const stop of leave) stop();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [ids]);
}
