import { type ReactNode, useRef } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { NotFoundPage } from '../ui/NotFoundPage';
import { ErrorState, Loading } from '../ui/states';
import { loginAddress } from './next';
import { session, type User } from './session';
import { useSession } from './useSession';

/** Pages for logged-in users. Guests log in first and then return to the page. */
export function Members({ staff = false, children }: { staff?: boolean; children: (user: User) => ReactNode }) {
  const state = useSession();
  const [location] = useLocation();
  const search = useSearch();
  const here = useRef(search === '' ? location : `${location}?${search}`);

  if (state.is === 'unknown') {
    if (state.error === undefined) return <Loading kind="block" rows={1} />;
    return <ErrorState error={state.error} retry={() => void session.resume()} />;
  }
  // eslint-disable-next-line react-hooks/refs -- the address does not change while the page is shown
  if (state.is === 'guest') return <Redirect to={loginAddress(here.current)} replace />;
  if (staff && state.user.role !== 'staff') return <NotFoundPage />;
  return children(state.user);
}
