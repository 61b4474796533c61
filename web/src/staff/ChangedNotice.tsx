import type { Product } from '../api/client';
import { changes } from './edit';

interface Props {
  /** The product as the form was loaded. */
  base: Product;
  /** The current product. */
  current: Product;
  /** Copies the new values into this form. */
  onLoad: (form: FormData) => void;
  /** Saves the form over the current product. Missing if the refused action was not a save. */
  onSave: ((form: FormData) => void) | undefined;
}

/** Shows the changes of another member of staff, and lets the user choose between both versions. */
export function ChangedNotice({ base, current, onLoad, onSave }: Props) {
  return (
    <>
      <p>This product was changed while you edited it. Your changes are not saved yet.</p>
      <dl className="changes">
        {changes(base, current).map(({ field, label, was, is }) => (
          <div key={field}>
            <dt>{label}</dt>
            <dd dir="auto">
              <del>
                <span className="only-heard">before: </span>
                {was === '' ? 'nothing' : was}
              </del>{' '}
              <ins>
                <span className="only-heard">now: </span>
                {is === '' ? 'nothing' : is}
              </ins>
            </dd>
          </div>
        ))}
      </dl>
      <div className="form-error-buttons">
        <button
          type="button"
          className="button"
          onClick={({ currentTarget: { form } }) => form && onLoad(new FormData(form))}
        >
          Load the new values
        </button>
        {onSave !== undefined && (
          <button
            type="button"
            className="button"
            onClick={({ currentTarget: { form } }) => form && onSave(new FormData(form))}
          >
            Overwrite them with mine
          </button>
        )}
      </div>
    </>
  );
}
