import { useId, useState } from 'react';

interface Props {
  label: string;
  value: number;
  most: number;
  onChange: (value: number) => void;
}

/** A quantity, typed or changed with the buttons. While the user types, the field may be empty for a moment. */
export function Quantity({ label, value, most, onChange }: Props) {
  const id = useId();
  const [typing, setTyping] = useState<string | null>(null);
  const set = (next: number) => onChange(Math.min(Math.max(1, next), Math.max(1, most)));
  return (
    <div className="quantity">
      <label htmlFor={id} className="only-heard">
        {label}
      </label>
      <button type="button" tabIndex={-1} aria-hidden="true" disabled={value <= 1} onClick={() => set(value - 1)}>
        −
      </button>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={1}
        max={Math.max(1, most)}
        value={typing ?? value}
        onChange={({ target }) => {
          setTyping(target.value);
          if (target.valueAsNumber >= 1) set(Math.floor(target.valueAsNumber));
        }}
        onBlur={() => setTyping(null)}
      />
      <button type="button" tabIndex={-1} aria-hidden="true" disabled={value >= most} onClick={() => set(value + 1)}>
        +
      </button>
    </div>
  );
}
