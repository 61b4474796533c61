import { useState } from 'react';

interface Props {
  /** What the button offers, and what it says when it asks once more. */
  children: string;
  sure: string;
  busy: boolean;
  /** The id of what it is about, where that is not clear. */
  describedBy?: string;
  onSure: () => void;
}

/** For what has no way back. */
export function AskTwice({ children, sure, busy, describedBy, onSure }: Props) {
  const [asked, setAsked] = useState(false);
  return (
    <button
      type="button"
      className="link"
      aria-disabled={busy}
      aria-describedby={describedBy}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (!asked) setAsked(true);
        else if (!busy) onSure();
      }}
    >
      {asked ? sure : children}
    </button>
  );
}
