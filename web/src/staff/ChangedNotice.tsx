import type { Change } from './edit';

interface Props {
  /** `product` or `promotion` */
  what: string;
  changes: readonly Change[];
  /** Copies the new values into this form. */
  onLoad: (form: FormData) => void;
  /** Saves the form over the current version. Missing if the refused action was not a save. */
  onSave: ((form: FormData) => void) | undefined;
}

/** Shows the changes of another member of staff, and lets the user choose between both versions. */
export function ChangedNotice({ what, changes, onLoad, onSave }: Props) {
  return (
    <>
      <p>This {what} was changed while you edited it. Your changes are not saved yet.</p>
      <dl className="changes">
        {changes.map(({ field, label, was, is }) => (
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
