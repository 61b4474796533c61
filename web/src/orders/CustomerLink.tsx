import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { users } from '../api/client';
import { unwrap } from '../api/transport';
import { shortId } from './words';

/** The user name of a customer, for staff. It never changes, so it is read once. */
export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ['customers', id],
    queryFn: async ({ signal }) =>
      (await unwrap(users.GET('/users/{id}', { params: { path: { id } }, signal }))).username,
    staleTime: Infinity,
  });

/** A link to all orders of a customer, with the user name, or a short id until the name is known. */
export function CustomerLink({ id }: { id: string }) {
  const { data: name } = useQuery(customerQuery(id));
  return (
    <Link href={`/staff/orders?customer=${id}`} className="customer" title={`Orders of customer ${id}`}>
      <bdi>{name ?? shortId(id)}</bdi>
    </Link>
  );
}
