/** Finds an order or a customer by number, name or e-mail address. */

import type { QueryClient } from '@tanstack/react-query';
import { orders, users } from '../api/client';
import { Invalid, isMissing } from '../api/problem';
import { unwrap } from '../api/transport';
import { customerQuery } from '../orders/CustomerLink';
import { orderQuery } from '../orders/queries';
import { shortId } from '../orders/words';

const PAGE = 100;
/** A short number is searched in this many of the latest pages of orders. */
const MAX_PAGES = 10;

export type Wanted = { kind: 'number' | 'short' | 'name'; text: string };

/** Recognises a full number of an order or customer, a short number from a list, or a name or e-mail address. */
export function readWanted(typed: string): Wanted {
  const text = typed.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { kind: 'number', text: text.toLowerCase() };
  if (/^[0-9a-f]{8}$/i.test(text)) return { kind: 'short', text: text.toLowerCase() };
  if (text === '') throw refuse('Enter an order number, a user name or an e-mail address.');
  return { kind: 'name', text };
}

const refuse = (detail: string) => new Invalid([{ pointer: '/wanted', detail }]);

/** The address of the page with the result. Throws `Invalid` if nothing is found. */
export async function find(client: QueryClient, { kind, text }: Wanted): Promise<string> {
  const address = await FINDERS[kind](client, text);
  if (address === undefined) throw refuse(NOTHING[kind]);
  return address;
}

const FINDERS = {
  number: byNumber,
  // A user name may look like a short number.
  short: async (client: QueryClient, text: string) => (await byShortNumber(text)) ?? byName(client, text),
  name: byName,
};

const NOTHING = {
  number: 'No order and no customer has this number.',
  short: `None of the latest ${(PAGE * MAX_PAGES).toLocaleString('en')} orders has this number. Enter the full number.`,
  name: 'No customer has this user name or e-mail address.',
};

async function byNumber(client: QueryClient, id: string): Promise<string | undefined> {
  if (await exists(client.query(orderQuery(id)))) return `/orders/${id}`;
  return (await exists(client.query(customerQuery(id)))) ? customerAddress(id) : undefined;
}

async function byShortNumber(short: string): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const { items, next_cursor } = await unwrap(orders.GET('/orders', { params: { query } }));
    const found = items.find(({ id }) => shortId(id) === short);
    if (found !== undefined) return `/orders/${found.id}`;
    if (next_cursor === null || next_cursor === undefined) return undefined;
    cursor = next_cursor;
  }
  return undefined;
}

async function byName(_: QueryClient, name: string): Promise<string | undefined> {
  const { items } = await unwrap(users.GET('/users', { params: { query: { name } } }));
  return items[0] && customerAddress(items[0].id);
}

const customerAddress = (id: string) => `/staff/orders?customer=${id}`;

async function exists(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
