import { useSyncExternalStore } from 'react';
import { type Basket, type BasketAction, changed, parseBasket } from './basket';

const KEY = 'orderflow.basket';

let basket: Basket = parseBasket(localStorage.getItem(KEY));
const listeners = new Set<() => void>();

function replace(next: Basket): void {
  basket = next;
  for (const listener of listeners) listener();
}

// All tabs show the same basket.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEY) replace(parseBasket(newValue));
});

export function changeBasket(action: BasketAction): void {
  replace(changed(basket, action));
  localStorage.setItem(KEY, JSON.stringify(basket));
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
