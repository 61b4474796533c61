import { useSyncExternalStore } from 'react';
import { kept, onKeptElsewhere } from '../kept/kept';
import { type Basket, type BasketAction, changed, parseBasket } from './basket';

const KEY = 'orderflow.basket';

let text = kept.get(KEY);
let basket: Basket = parseBasket(text);
const listeners = new Set<() => void>();

/** Loads the changes of another tab. */
function reread(): void {
  const now = kept.get(KEY);
  if (now === text) return;
  text = now;
  basket = parseBasket(now);
  for (const listener of listeners) listener();
}

onKeptElsewhere((key) => {
  if (key === KEY) reread();
});
// A suspended tab may have missed a change.
window.addEventListener('pageshow', reread);

export function changeBasket(action: BasketAction): void {
  reread();
  const next = changed(basket, action);
  if (next === basket) return;
  basket = next;
  text = JSON.stringify(basket);
  kept.set(KEY, text);
  for (const listener of listeners) listener();
}

/** The current basket. */
export function basketNow(): Basket {
  reread();
  return basket;
}

export function useBasket(): Basket {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => basket,
  );
}
