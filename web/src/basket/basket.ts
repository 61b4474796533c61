/** The basket. The browser keeps it, so that it survives a reload and a log-in. */

import type { OrderStatus, Product } from '../api/client';
import { randomName } from '../kept/kept';

/** An item with what was known of the product when it was put in: enough to show while the shop is asked. */
export interface BasketLine {
  product: Pick<Product, 'id' | 'sku' | 'name' | 'category' | 'price'>;
  quantity: number;
}

/** An order from this browser that may still be rejected, with the lines that then come back. */
export interface PlacedOrder {
  id: string;
  lines: readonly BasketLine[];
}

export interface Basket {
  /** The Idempotency-Key of this basket's order: one for all tabs, until an order of the basket is answered. */
  key: string;
  lines: readonly BasketLine[];
  /** An order of this basket was sent and not answered: it may have been placed. */
  isUnanswered: boolean;
  placed: readonly PlacedOrder[];
}

/** The limits of order-service. */
export const MOST_PIECES = 1000;
export const MOST_LINES = 100;
/** Orders are accepted or rejected within seconds, so a few are enough. */
const MOST_PLACED = 10;

export type BasketAction =
  | { do: 'add'; product: BasketLine['product']; quantity: number }
  | { do: 'set'; productId: string; quantity: number }
  | { do: 'remove'; productId: string }
  /** An order is sent under this key. */
  | { do: 'send'; key: string }
  /** The order was refused for good. It must not have been sent before. */
  | { do: 'refuse'; key: string }
  /** The order was placed: it takes its items out of the basket. */
  | { do: 'place'; key: string; order: { id: string; items: readonly { product_id: string; quantity: number }[] } }
  /** An order has this status now: a rejected one gives its lines back. */
  | { do: 'settle'; id: string; status: OrderStatus };

export function emptyBasket(): Basket {
  return { key: randomName(), lines: [], isUnanswered: false, placed: [] };
}

/** The basket after this action; the same object where nothing changes. */
export function changed(basket: Basket, action: BasketAction): Basket {
  const { lines } = basket;
  switch (action.do) {
    case 'add':
      return { ...basket, lines: added(lines, action.product, action.quantity) };
    case 'set':
      return {
        ...basket,
        lines: lines.map((line) =>
          line.product.id === action.productId ? { ...line, quantity: allowed(action.quantity) } : line,
        ),
      };
    case 'remove':
      return { ...basket, lines: lines.filter(({ product }) => product.id !== action.productId) };
    case 'send':
      return action.key === basket.key ? { ...basket, isUnanswered: true } : basket;
    case 'refuse':
      return action.key === basket.key ? { ...basket, isUnanswered: false } : basket;
    case 'place':
      return action.key === basket.key ? placed(basket, action.order) : basket;
    case 'settle':
      return settled(basket, action.id, action.status);
  }
}

function added(lines: Basket['lines'], product: BasketLine['product'], quantity: number): Basket['lines'] {
  const { id, sku, name, category, price } = product;
  const there = lines.find((line) => line.product.id === id);
  const line = {
    product: { id, sku, name, category, price },
    quantity: allowed((there?.quantity ?? 0) + quantity),
  };
  if (there !== undefined) return lines.map((other) => (other === there ? line : other));
  return lines.length < MOST_LINES ? [...lines, line] : lines;
}

/** The lines without the items of an order. Items that were added after it was sent stay in the basket. */
function placed({ lines, placed }: Basket, order: Extract<BasketAction, { do: 'place' }>['order']): Basket {
  const ordered = new Map(order.items.map(({ product_id, quantity }) => [product_id, quantity]));
  const split = lines.map((line) => {
    const taken = Math.min(line.quantity, ordered.get(line.product.id) ?? 0);
    return { line, taken, left: line.quantity - taken };
  });
  const taken = split.filter(({ taken }) => taken > 0).map(({ line, taken }) => ({ ...line, quantity: taken }));
  return {
    ...emptyBasket(),
    lines: split.filter(({ left }) => left > 0).map(({ line, left }) => ({ ...line, quantity: left })),
    placed: [...placed, { id: order.id, lines: taken }].slice(-MOST_PLACED),
  };
}

function settled(basket: Basket, id: string, status: OrderStatus): Basket {
  const order = basket.placed.find((placed) => placed.id === id);
  if (order === undefined || status === 'new') return basket;
  const others = { ...basket, placed: basket.placed.filter((placed) => placed !== order) };
  if (status !== 'rejected') return others;
  // As they were, the old prices included, so that the basket can say which of them has changed.
  const lines = order.lines.reduce((all, { product, quantity }) => added(all, product, quantity), basket.lines);
  return { ...others, lines };
}

function allowed(quantity: number): number {
  return Math.min(MOST_PIECES, Math.max(1, Math.floor(quantity) || 1));
}

export function countPieces({ lines }: Basket): number {
  return lines.reduce((count, { quantity }) => count + quantity, 0);
}

/** Reads a basket that was kept. It leaves out values that it cannot read, perhaps of another version of this page. */
export function parseBasket(text: string | null): Basket {
  const value = parsed(text);
  // Before a basket had a key, it was a list of lines.
  const { key, lines, isUnanswered, placed } = (Array.isArray(value) ? { lines: value } : (value ?? {})) as Record<
    keyof Basket,
    unknown
  >;
  const basket = emptyBasket();
  return {
    key: typeof key === 'string' && /^[0-9a-f]{32}$/.test(key) ? key : basket.key,
    lines: linesOf(lines),
    isUnanswered: isUnanswered === true,
    placed: list(placed).filter(isPlaced).slice(-MOST_PLACED),
  };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The lines that can be shown and ordered, each product once. */
function linesOf(value: unknown): BasketLine[] {
  const seen = new Set<string>();
  const isFirst = ({ product: { id } }: BasketLine) => !seen.has(id) && seen.add(id);
  return list(value).filter(isLine).filter(isFirst).slice(0, MOST_LINES);
}

function isLine(value: unknown): value is BasketLine {
  const { product, quantity = 0 } = (value ?? {}) as Partial<BasketLine>;
  const { id, sku, name, category, price } = (product ?? {}) as Partial<BasketLine['product']>;
  const { amount_minor = -1, currency = '' } = (price ?? {}) as Partial<Product['price']>;
  return (
    allowed(quantity) === quantity &&
    [id, sku, name, category, currency].every((text) => typeof text === 'string') &&
    // Others cannot be shown as money.
    /^[A-Z]{3}$/.test(currency) &&
    Number.isSafeInteger(amount_minor) &&
    amount_minor >= 0
  );
}

function isPlaced(value: unknown): value is PlacedOrder {
  const { id, lines } = (value ?? {}) as Partial<PlacedOrder>;
  return typeof id === 'string' && linesOf(lines).length > 0 && linesOf(lines).length === list(lines).length;
}
