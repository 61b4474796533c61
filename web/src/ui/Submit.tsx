import type { ReactNode } from 'react';

interface Props {
  busy: boolean;
  /** The form cannot be sent yet. The page says why. */
  isBlocked?: boolean;
  children: ReactNode;
}

/** The submit button of a form. While it is busy it keeps its place and the focus, and ignores clicks. */
export function Submit({ busy, isBlocked = false, children }: Props) {
  const isDisabled = busy || isBlocked;
  return (
    <button
      type="submit"
      className="button button-main"
      aria-disabled={isDisabled}
      onClick={(event) => isDisabled && event.preventDefault()}
    >
      <span className={busy ? 'busy' : undefined}>{children}</span>
      {busy && <span className="only-heard">Please wait</span>}
    </button>
  );
}
