/** The basket. The browser stores it, so it survives a reload and a log-in. */

import type { OrderStatus, Product } from '../api/client';
import { randomName } from '../kept/kept';

/** A line of the basket. It has a copy of the product from the time of adding, so the page can show it immediately. */
export interface BasketLine {
  product: Pick<Product, 'id' | 'sku' | 'name' | 'category' | 'price'>;
  quantity: number;
}

/** An order from this browser that may still be rejected. Its lines then return to the basket. */
export interface PlacedOrder {
  id: string;
  lines: readonly BasketLine[];
}

export interface Basket {
  /** The Idempotency-Key of this basket's order. All tabs share it until the order is answered. */
  key: string;
  lines: readonly BasketLine[];
  /** The discount codes that the customer entered. */
  codes: readonly string[];
  /** An order of this basket was sent and not answered, so it may have been placed. */
  isUnanswered: boolean;
  placed: readonly PlacedOrder[];
}

/** The limits of order-service. */
export const MAX_QUANTITY = 1000;
export const MOST_LINES = 100;
export const MOST_CODES = 10;
export const MAX_CODE_LENGTH = 64;
/** Orders are accepted or rejected within seconds, so a few are enough. */
const MAX_PLACED = 10;

export type BasketAction =
  | { do: 'add'; product: BasketLine['product']; quantity: number }
  | { do: 'set'; productId: string; quantity: number }
  | { do: 'remove'; productId: string }
  | { do: 'enter-code'; code: string }
  | { do: 'remove-code'; code: string }
  /** An order is sent with this key. */
  | { do: 'send'; key: string }
  /** The order was refused. Use this only if the order was not sent before. */
  | { do: 'refuse'; key: string }
  /** The order was placed. Its items leave the basket. */
  | { do: 'place'; key: string; order: { id: string; items: readonly { product_id: string; quantity: number }[] } }
  /** An order has this status. A rejected order returns its lines. */
  | { do: 'settle'; id: string; status: OrderStatus };

export function emptyBasket(): Basket {
  return { key: randomName(), lines: [], codes: [], isUnanswered: false, placed: [] };
}

/** The basket after this action. Returns the same object if nothing changes. */
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
    case 'enter-code':
      return { ...basket, codes: codesOf([...basket.codes, action.code]) };
    case 'remove-code':
      return { ...basket, codes: basket.codes.filter((code) => code !== action.code) };
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

/** Removes the items and the codes of an order. Items that were added after it was sent stay in the basket. */
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
    placed: [...placed, { id: order.id, lines: taken }].slice(-MAX_PLACED),
  };
}

function settled(basket: Basket, id: string, status: OrderStatus): Basket {
  const order = basket.placed.find((placed) => placed.id === id);
  if (order === undefined || status === 'new') return basket;
  const others = { ...basket, placed: basket.placed.filter((placed) => placed !== order) };
  if (status !== 'rejected') return others;
  // The lines keep the old prices, so the basket can mark the prices that have changed.
  const lines = order.lines.reduce((all, { product, quantity }) => added(all, product, quantity), basket.lines);
  return { ...others, lines };
}

function allowed(quantity: number): number {
  return Math.min(MAX_QUANTITY, Math.max(1, Math.floor(quantity) || 1));
}

export function countPieces({ lines }: Basket): number {
  return lines.reduce((count, { quantity }) => count + quantity, 0);
}

/** Reads a stored basket. Drops values that it cannot read, for example from another version of this page. */
export function parseBasket(text: string | null): Basket {
  const value = parsed(text);
  // The old form without a key is a list of lines.
  const { key, lines, codes, isUnanswered, placed } = (
    Array.isArray(value) ? { lines: value } : (value ?? {})
  ) as Record<keyof Basket, unknown>;
  const basket = emptyBasket();
  return {
    key: typeof key === 'string' && /^[0-9a-f]{32}$/.test(key) ? key : basket.key,
    lines: linesOf(lines),
    codes: codesOf(list(codes).filter((code) => typeof code === 'string')),
    isUnanswered: isUnanswered === true,
    placed: list(placed).filter(isPlaced).slice(-MAX_PLACED),
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

/** The codes that an order may have, each once. Upper and lower case do not matter. */
function codesOf(codes: readonly string[]): string[] {
  const seen = new Set<string>();
  const isFirst = (code: string) => !seen.has(code.toLowerCase()) && seen.add(code.toLowerCase());
  return codes
    .map((code) => code.trim().normalize())
    .filter((code) => code !== '' && code.length <= MAX_CODE_LENGTH)
    .filter(isFirst)
    .slice(0, MOST_CODES);
}

/** The lines that are valid, each product once. */
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
    // Other codes cannot be shown as money.
    /^[A-Z]{3}$/.test(currency) &&
    Number.isSafeInteger(amount_minor) &&
    amount_minor >= 0
  );
}

function isPlaced(value: unknown): value is PlacedOrder {
  const { id, lines } = (value ?? {}) as Partial<PlacedOrder>;
  return typeof id === 'string' && linesOf(lines).length > 0 && linesOf(lines).length === list(lines).length;
}
