import { useEffect, useState, useSyncExternalStore } from 'react';
import { live } from './live';

/** Less than this without a connection is nothing to speak of. */
const PATIENCE = 1_500;

/** Whether what is shown is live; a short cut is passed over. */
export function useIsLive(): boolean {
  const state = useSyncExternalStore(live.onState, () => live.state);
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    if (state !== 'connecting') return;
    const timer = setTimeout(() => setWaited(true), PATIENCE);
    return () => {
      clearTimeout(timer);
      setWaited(false);
    };
  }, [state]);
  return !(state === 'connecting' && waited);
}

/** Between two requests for what the socket does not tell, because it is cut. */
const POLL_INTERVAL = 3_000;

/** How often to ask for what is shown: not at all while the socket tells it. */
export function usePollInterval(): number | false {
  return useIsLive() ? false : POLL_INTERVAL;
}

/** Follows these orders beyond one's own, each from the version that is known of it. */
export function useFollow(orders: readonly { id: string; version: number }[]): void {
  // Versions rise while an order is followed; only who is followed begins anew.
  const ids = orders.map(({ id }) => id).join(' ');
  useEffect(() => {
    const leave = orders.map(({ id, version }) => live.follow(id, version));
    return () => {
      for (const stop of leave) stop();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [ids]);
}
