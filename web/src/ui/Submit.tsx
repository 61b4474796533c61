import type { ReactNode } from 'react';

/** The submit button of a form. While it is busy it keeps its place and the focus, and ignores clicks. */
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
