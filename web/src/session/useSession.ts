import { useSyncExternalStore } from 'react';
import { session, type SessionState, type User } from './session';

/** The state of the session. Updates the component when it changes. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** The logged-in user, or null. */
export function useMember(): User | null {
  const state = useSession();
  return state.is === 'member' ? state.user : null;
}
