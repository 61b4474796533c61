import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { users } from '../api/client';
import { unwrap } from '../api/transport';
import { shortId } from './words';

/** The user name of a customer, for staff. It does not change, so each is read once. */
export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ['customers', id],
    queryFn: async ({ signal }) =>
      (await unwrap(users.GET('/users/{id}', { params: { path: { id } }, signal }))).username,
    staleTime: Infinity,
  });

/** A customer's user name, or a short id until it is known. It leads to all orders of that customer. */
export function CustomerLink({ id }: { id: string }) {
  const { data: name } = useQuery(customerQuery(id));
  return (
    <Link href={`/staff/orders?customer=${id}`} className="customer" title={`Orders of customer ${id}`}>
      <bdi>{name ?? shortId(id)}</bdi>
    </Link>
  );
}
