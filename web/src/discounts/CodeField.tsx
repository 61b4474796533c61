import { useId, useRef, useState } from 'react';
import { MAX_CODE_LENGTH, MOST_CODES } from '../basket/basket';
import { changeBasket } from '../basket/useBasket';
import type { CodeResult } from './quote';

/** The field for a discount code, and the codes of the basket. It is no form, because the checkout is one. */
export function CodeField({ codes }: { codes: readonly CodeResult[] }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const refused = codes.filter(({ state }) => state === 'refused');
  const isFull = codes.length >= MOST_CODES;

  const apply = () => {
    if (typed.trim() === '') return;
    // The next code replaces a mistyped one.
    for (const { code, isUnknown } of codes) if (isUnknown) changeBasket({ do: 'remove-code', code });
    changeBasket({ do: 'enter-code', code: typed });
    setTyped('');
  };
  const remove = (code: string) => {
    changeBasket({ do: 'remove-code', code });
    // The button had the focus and has disappeared.
    input.current?.focus();
  };

  return (
    <div className="codes">
      <label htmlFor={id}>Discount code</label>
      <div className="code-entry">
        <input
          ref={input}
          id={id}
          className="input"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={MAX_CODE_LENGTH}
          value={typed}
          aria-invalid={refused.length > 0 ? true : undefined}
          aria-describedby={`${id}-results`}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            if (!isFull) apply();
          }}
        />
        <button type="button" className="button" aria-disabled={isFull} onClick={() => !isFull && apply()}>
          Apply<span className="only-heard"> the discount code</span>
        </button>
      </div>
      <div id={`${id}-results`}>
        <div role="alert">
          {refused.map(({ code, words }) => (
            <p key={code} className="field-error">
              {words}
            </p>
          ))}
          {refused.length > 0 && (
            <p className="field-error">
              The order would be rejected. Remove {refused.length === 1 ? 'the code' : 'these codes'} to order.
            </p>
          )}
        </div>
        <div role="status">
          {codes
            .filter(({ state }) => state === 'unneeded')
            .map(({ code, words }) => (
              <p key={code} className="hint">
                {words}
              </p>
            ))}
          {isFull && <p className="hint">An order has at most {MOST_CODES} codes.</p>}
        </div>
      </div>
      {codes.length > 0 && (
        <ul className="code-list" aria-label="Your codes">
          {codes.map((result) => (
            <Code key={result.code} {...result} onRemove={() => remove(result.code)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Code({ code, state, words, onRemove }: CodeResult & { onRemove: () => void }) {
  return (
    <li>
      <bdi className={state === 'refused' ? 'code code-refused' : 'code'}>{code}</bdi>
      <span className="code-amount" role="status">
        {state === 'applied' && words}
      </span>
      <button type="button" className="link" onClick={onRemove}>
        Remove<span className="only-heard"> the code {code}</span>
      </button>
    </li>
  );
}
