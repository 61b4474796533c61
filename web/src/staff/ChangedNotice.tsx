import type { Product } from '../api/client';
import { changes } from './edit';

interface Props {
  /** As the form was loaded. */
  base: Product;
  /** As it is now. */
  current: Product;
  /** Takes the new values into this form. */
  onLoad: (form: FormData) => void;
  /** Sends the form again, now for the present product. Missing where nothing was to be saved. */
  onSave: ((form: FormData) => void) | undefined;
}

/** Says what another member of staff has changed, and lets the reader choose between the two. */
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
            Save mine over them
          </button>
        )}
      </div>
    </>
  );
}
