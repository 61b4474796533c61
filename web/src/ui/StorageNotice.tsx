import { kept } from '../kept/kept';

/** A notice that the browser stores nothing for this shop. */
export function StorageNotice() {
  if (!kept.isBlocked) return null;
  return (
    <p className="notice storage-notice" role="status">
      Your browser blocks cookies and site data for this shop. You can look around, but a reload empties your basket and
      logs you out. Allow site data for this address to order.
    </p>
  );
}
