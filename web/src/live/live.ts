/** This tab's live socket. */

import { session } from '../session/session';
import { Connection } from './connection';

export const live = new Connection({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  open: (url, protocol) => new WebSocket(url, protocol),
  token: () => session.token(),
  renewed: (token) => session.renewed(token),
});

/** Follows the session: connects while a user is logged in, with the current token. */
export function startLive(): void {
  let member: string | null = null;
  session.subscribe(() => {
    const { state } = session;
    const now = state.is === 'member' ? state.user.id : null;
    if (now === member) return void live.reauthenticate();
    member = now;
    live.stop();
    if (member !== null) live.start();
  });
  window.addEventListener('online', () => live.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') live.wake();
  });
}
