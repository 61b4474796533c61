import { useEffect, useId, useState } from 'react';

/** The search starts this long after the last key, in milliseconds. */
const TYPING_DELAY = 250;

/** Searches while the user types, after each pause. */
export function SearchBox({ value, onChange }: { value: string; onChange: (words: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);

  // The user has not typed, but the address has changed: by Back, Forward, or another category.
  if (value !== shown) {
    setShown(value);
    if (value !== typed.trim()) setTyped(value);
  }

  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_DELAY);
    return () => clearTimeout(timer);
  });

  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed.trim());
      }}
    >
      <label htmlFor={id} className="only-heard">
        Search the shop
      </label>
      <input
        id={id}
        type="search"
        className="input"
        placeholder="Search the shop"
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </form>
  );
}
