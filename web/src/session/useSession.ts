import { useSyncExternalStore } from 'react';
import { session, type SessionState, type User } from './session';

/** Who is logged in, as it changes. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** The member, or null. */
export function useMember(): User | null {
  const state = useSession();
  return state.is === 'member' ? state.user : null;
}
