import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from '../ui/states';
import { currenciesQuery } from './queries';

/** Shows content with amounts when the table of currencies has loaded or has failed to load. */
export function Currencies({ children }: { children: () => ReactNode }) {
  const { isPending } = useQuery(currenciesQuery);
  return isPending ? <Loading kind="block" rows={1} /> : children();
}
