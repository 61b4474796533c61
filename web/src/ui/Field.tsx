import { type ComponentProps, type ReactNode, useId } from 'react';

interface Shared {
  label: string;
  hint?: ReactNode;
  /** A sentence about the mistake in the field. */
  error?: string | undefined;
}

/** Connects label, control, hint and error for screen readers. */
function useParts({ label, hint, error }: Shared) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const control = {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': described === '' ? undefined : described,
  };
  const around = (input: ReactNode) => (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {input}
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
  return { control, around };
}

export function Field({ label, hint, error, ...input }: Shared & ComponentProps<'input'>) {
  const { control, around } = useParts({ label, hint, error });
  return around(<input className="input" dir="auto" {...input} {...control} />);
}

export function TextArea({ label, hint, error, ...input }: Shared & ComponentProps<'textarea'>) {
  const { control, around } = useParts({ label, hint, error });
  return around(<textarea className="input" dir="auto" {...input} {...control} />);
}

export function Select({ label, hint, error, ...input }: Shared & ComponentProps<'select'>) {
  const { control, around } = useParts({ label, hint, error });
  return around(<select className="input" {...input} {...control} />);
}
