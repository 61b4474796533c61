import { useId, useRef, useState } from 'react';

/** The second click of a double click must not confirm the dialog that the first one has opened. */
const ARMED_AFTER_MS = 400;

interface Props {
  /** The text of the button that asks the question. */
  button: string;
  question: string;
  /** The consequence, with the amount. */
  children: string;
  yes: string;
  no: string;
  busy: boolean;
  /** The id of the element that names the subject, if the button alone does not. */
  describedBy?: string;
  onYes: () => void;
}

/** A button for an action that cannot be undone. It asks in a dialog first. */
export function Confirm({ button, question, children, yes, no, busy, describedBy, onYes }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isArmed, setArmed] = useState(false);
  const arming = useRef<ReturnType<typeof setTimeout>>(undefined);

  const ask = () => {
    if (busy) return;
    setArmed(false);
    dialog.current?.showModal();
    clearTimeout(arming.current);
    arming.current = setTimeout(() => setArmed(true), ARMED_AFTER_MS);
  };
  const answer = () => {
    if (!isArmed) return;
    dialog.current?.close();
    onYes();
  };

  return (
    <>
      <button type="button" className="button" aria-disabled={busy} aria-describedby={describedBy} onClick={ask}>
        <span className={busy ? 'busy' : undefined}>{button}</span>
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-question`} aria-describedby={`${id}-text`}>
        <h2 id={`${id}-question`}>{question}</h2>
        <p id={`${id}-text`}>{children}</p>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {no}
          </button>
          <button type="button" className="button button-main" aria-disabled={!isArmed} onClick={answer}>
            {yes}
          </button>
        </div>
      </dialog>
    </>
  );
}
