import { type ReactNode, useEffect, useRef } from 'react';
import { fieldErrors, sentence } from '../api/problem';

interface Props {
  /** The last refusal; its fields are marked by the inputs themselves. */
  error: unknown;
  /** The pointers that have an input here: what is wrong with others is said above. */
  fields: readonly string[];
  onSubmit: (form: FormData) => void;
  children: ReactNode;
  className?: string;
  /** Words for a refusal that is not about fields, where those of `sentence` are not enough. */
  words?: ReactNode;
}

/**
 * A form whose inputs keep what was entered, whatever happens. After a refusal the focus goes to the first bad field,
 * or to the message where there is none.
 */
export function Form({ error, fields, onSubmit, children, className, words }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const marked = fieldErrors(error);
  const elsewhere = [...marked].filter(([pointer]) => !fields.includes(pointer));

  useEffect(() => {
    if (error === null || error === undefined) return;
    const bad = form.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    (bad ?? form.current?.querySelector<HTMLElement>('.form-error'))?.focus();
  }, [error]);

  return (
    <form
      ref={form}
      className={className}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget));
      }}
    >
      {error !== null && error !== undefined && (marked.size === 0 || elsewhere.length > 0) && (
        <div className="form-error" role="alert" tabIndex={-1}>
          {elsewhere.length === 0 ? (
            (words ?? sentence(error))
          ) : (
            <ul>
              {elsewhere.map(([pointer, detail]) => (
                <li key={pointer}>{detail}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {children}
    </form>
  );
}
