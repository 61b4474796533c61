import { CARDS } from '../orders/cards';

/** The choice of a test card. */
export function CardChoice({ error }: { error?: string | undefined }) {
  return (
    <div className="choices" role="radiogroup" aria-label="Test card" aria-invalid={error ? true : undefined}>
      {CARDS.map(({ token, name }, index) => (
        <label key={token} className="choice">
          <input type="radio" name="payment_method" value={token} defaultChecked={index === 0} />
          <span>{name}</span>
        </label>
      ))}
      {error && <p className="field-error">{error}</p>}
    </div>
  );
}
