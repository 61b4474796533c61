import { type ReactNode, useEffect, useRef } from 'react';
import { fieldErrors, isAt, sentence } from '../api/problem';

interface Props {
  /** The last error. The inputs mark their own fields. */
  error: unknown;
  /** The pointers of the inputs. They also show the errors of parts. Errors of other fields are shown above the form. */
  fields: readonly string[];
  onSubmit: (form: FormData) => void;
  children: ReactNode;
  className?: string;
  /** The text for an error without fields, if the one of `sentence` is not enough. */
  words?: ReactNode;
}

/**
 * A form whose inputs always keep the entered text. After an error the focus moves to the first invalid field, or to
 * the message if there is none.
 */
export function Form({ error, fields, onSubmit, children, className, words }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const marked = fieldErrors(error);
  const elsewhere = [...marked].filter(([pointer]) => !fields.some((field) => isAt(pointer, field)));

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
