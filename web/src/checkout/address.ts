/** A delivery address. It is optional, but must be complete. */

import type { PlaceOrder } from '../api/client';

type Address = NonNullable<PlaceOrder['shipping_address']>;

export const ADDRESS_FIELDS = ['name', 'street', 'postal_code', 'city', 'country'] as const;

/** The address in a form, or nothing if all fields are empty. The service reports each missing field. */
export function readAddress(form: FormData): Address | undefined {
  const entries = ADDRESS_FIELDS.map((field) => [field, text(form, field)] as const);
  if (entries.every(([, value]) => value === '')) return undefined;
  const address = Object.fromEntries(entries) as Record<(typeof ADDRESS_FIELDS)[number], string>;
  return { ...address, country: address.country as Address['country'] };
}

/** A text field of a form, without space at its ends. */
export function text(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === 'string' ? value.trim() : '';
}
