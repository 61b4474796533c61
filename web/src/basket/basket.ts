/** What somebody means to order. Kept in the browser, so that it survives a reload and a log-in. */

import type { Product } from '../api/client';

/** An item with what was known of the product when it was put in: enough to show while the shop is asked. */
export interface BasketLine {
  product: Pick<Product, 'id' | 'sku' | 'name' | 'category' | 'price'>;
  quantity: number;
}

export type Basket = readonly BasketLine[];

/** What order-service takes at most. */
export const MOST_PIECES = 1000;
export const MOST_LINES = 100;

export type BasketAction =
  | { do: 'add'; product: Product; quantity: number }
  | { do: 'set'; productId: string; quantity: number }
  | { do: 'remove'; productId: string }
  | { do: 'empty' };

export function changed(basket: Basket, action: BasketAction): Basket {
  switch (action.do) {
    case 'add':
      return added(basket, action.product, action.quantity);
    case 'set':
      return basket.map((line) =>
        line.product.id === action.productId ? { ...line, quantity: allowed(action.quantity) } : line,
      );
    case 'remove':
      return basket.filter(({ product }) => product.id !== action.productId);
    case 'empty':
      return [];
  }
}

function added(basket: Basket, full: Product, quantity: number): Basket {
  const { id, sku, name, category, price } = full;
  const product = { id, sku, name, category, price };
  const there = basket.find((line) => line.product.id === id);
  if (there === undefined) {
    return basket.length < MOST_LINES ? [...basket, { product, quantity: allowed(quantity) }] : basket;
  }
  const line = { product, quantity: allowed(there.quantity + quantity) };
  return basket.map((other) => (other === there ? line : other));
}

function allowed(quantity: number): number {
  return Math.min(MOST_PIECES, Math.max(1, Math.floor(quantity) || 1));
}

export function countPieces(basket: Basket): number {
  return basket.reduce((count, { quantity }) => count + quantity, 0);
}

/** Reads a basket that was kept. What cannot be read, perhaps of another version of this page, is left out. */
export function parseBasket(text: string | null): Basket {
  try {
    const lines: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(lines) ? lines.filter(isLine) : [];
  } catch {
    return [];
  }
}

function isLine(value: unknown): value is BasketLine {
  const { product, quantity = 0 } = (value ?? {}) as Partial<BasketLine>;
  const { id, sku, name, category, price } = (product ?? {}) as Partial<BasketLine['product']>;
  return (
    allowed(quantity) === quantity &&
    [id, sku, name, category, price?.currency].every((text) => typeof text === 'string') &&
    Number.isInteger(price?.amount_minor)
  );
}
