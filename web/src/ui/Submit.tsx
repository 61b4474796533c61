import type { ReactNode } from 'react';

/** A form's button. While it works it stays where it is, keeps the focus and does nothing again. */
export function Submit({ busy, children }: { busy: boolean; children: ReactNode }) {
  return (
    <button
      type="submit"
      className="button button-main"
      aria-disabled={busy}
      onClick={(event) => busy && event.preventDefault()}
    >
      <span className={busy ? 'busy' : undefined}>{children}</span>
      {busy && <span className="only-heard">Please wait</span>}
    </button>
  );
}
