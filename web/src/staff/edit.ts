/** The form of a product, and the changes that other staff made since it was read. */

import { queryOptions } from '@tanstack/react-query';
import { catalog, type Product } from '../api/client';
import { Refused } from '../api/problem';
import { unwrapTagged } from '../api/transport';
import { amountText, money } from '../ui/format';

/** A product as it was read, with the ETag that a change sends back as `If-Match`. */
export interface Read {
  product: Product;
  etag: string | null;
}

export const editQuery = (id: string) =>
  queryOptions({
    queryKey: ['products', 'edit', id],
    queryFn: async ({ signal }): Promise<Read> => {
      const { body, etag } = await unwrapTagged(catalog.GET('/products/{id}', { params: { path: { id } }, signal }));
      return { product: body, etag };
    },
  });

export const ifMatch = ({ etag }: Pick<Read, 'etag'>) => (etag === null ? {} : { 'If-Match': etag });

const LABELS = { name: 'Name', description: 'Description', sku: 'SKU', category: 'Category', price: 'Price' };
export type FieldName = keyof typeof LABELS;
const FIELDS = Object.keys(LABELS) as FieldName[];

/** The texts of the form's fields. */
export type Values = Record<FieldName, string>;

/** The form texts of a product. The price is empty if it is not in the shop's currency. */
export function valuesOf(product: Product | undefined, currency: string): Values {
  if (product === undefined) return { name: '', description: '', sku: '', category: '', price: '' };
  const { name, description, sku, category, price } = product;
  return { name, description, sku, category, price: price.currency === currency ? amountText(price) : '' };
}

/** A field of a form, whose value another member of staff has changed. */
export interface Change<Name extends string = string> {
  field: Name;
  label: string;
  was: string;
  is: string;
}

/** The fields that differ between two versions of a product, as text. */
export function changes(was: Product, is: Product): Change<FieldName>[] {
  const shown = (product: Product, field: FieldName) => (field === 'price' ? money(product.price) : product[field]);
  return FIELDS.map((field) => ({ field, label: LABELS[field], was: shown(was, field), is: shown(is, field) })).filter(
    (change) => change.was !== change.is,
  );
}

/** The typed texts, with the new values of the fields that others have changed. */
export function withChanges(typed: Values, base: Product, current: Product, currency: string): Values {
  const values = { ...typed };
  const newer = valuesOf(current, currency);
  for (const { field } of changes(base, current)) values[field] = newer[field];
  return values;
}

/** The current product, from the refusal of a stale change. */
export function currentOf(error: unknown): Read | undefined {
  if (!(error instanceof Refused) || error.status !== 412) return undefined;
  const product = error.problem?.current_product;
  // The service's OpenAPI document guarantees that this is a product.
  return product === undefined ? undefined : { product: product as Product, etag: error.etag };
}
