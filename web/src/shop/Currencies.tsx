import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from '../ui/states';
import { currenciesQuery } from './queries';

/** Shows what has amounts in it once the shop's table of currencies has arrived, or cannot be had for now. */
export function Currencies({ children }: { children: () => ReactNode }) {
  const { isPending } = useQuery(currenciesQuery);
  return isPending ? <Loading kind="block" rows={1} /> : children();
}
