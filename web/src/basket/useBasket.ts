import { useSyncExternalStore } from 'react';
import { kept, onKeptElsewhere } from '../kept/kept';
import { type Basket, type BasketAction, changed, parseBasket } from './basket';

const KEY = 'orderflow.basket';

let text = kept.get(KEY);
let basket: Basket = parseBasket(text);
const listeners = new Set<() => void>();

/** Takes over what another tab has changed. */
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
// A tab that slept may have missed it.
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

/** The basket of this moment. */
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
