import { useIsLive } from '../live/useLive';
import { useMember } from '../session/useSession';

/** A notice that the data may be out of date. */
export function LiveNotice() {
  const isLive = useIsLive();
  const member = useMember();
  return (
    <div role="status" className="live-notice-place">
      {member !== null && !isLive && (
        <p className="live-notice">Not connected. Orders are not updated live. Reconnecting…</p>
      )}
    </div>
  );
}
