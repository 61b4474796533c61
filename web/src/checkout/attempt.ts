/**
 * The Idempotency-Key of an order that is being placed. It stays the same for the same order until an answer has come,
 * over a reload too: whoever presses the button again after a cut gets one order, not two.
 */

import type { PlaceOrder } from '../api/client';

interface Attempt {
  key: string;
  request: string;
}

const KEY = 'orderflow.attempt';

/** The key for this request: that of the attempt under way, if it is the same request. */
export function keyFor(request: PlaceOrder, store: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage): string {
  const text = JSON.stringify(request);
  const underWay = parse(store.getItem(KEY));
  if (underWay?.request === text) return underWay.key;
  const key = crypto.randomUUID();
  store.setItem(KEY, JSON.stringify({ key, request: text } satisfies Attempt));
  return key;
}

/** The shop has answered: the next order is another one, even of the same things. */
export function answered(store: Pick<Storage, 'removeItem'> = sessionStorage): void {
  store.removeItem(KEY);
}

function parse(text: string | null): (Partial<Attempt> & { key: string }) | null {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Attempt> | null;
    return typeof value?.key === 'string' ? { ...value, key: value.key } : null;
  } catch {
    return null;
  }
}
