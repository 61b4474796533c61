import { useEffect, useRef } from 'react';
import { Field } from '../ui/Field';
import { INCOMPLETE } from './terms';

interface Props {
  label: string;
  name: string;
  value: string;
  error: string | undefined;
}

/** A field for a date and a time. */
export function TimeField({ label, name, value, error }: Props) {
  const input = useRef<HTMLInputElement>(null);

  // The value of a partly filled input is empty. The form must not mistake it for an input that was left empty.
  useEffect(() => {
    const form = input.current?.form;
    const mark = ({ formData }: FormDataEvent) => {
      if (input.current?.validity.badInput === true) formData.set(name, INCOMPLETE);
    };
    form?.addEventListener('formdata', mark);
    return () => form?.removeEventListener('formdata', mark);
  }, [name]);

  return <Field ref={input} label={label} name={name} type="datetime-local" defaultValue={value} error={error} />;
}
