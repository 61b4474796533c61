import { useState } from 'react';
import { errorAt } from '../api/problem';
import { Field, Select } from '../ui/Field';
import { CategoryChoice } from './CategoryChoice';
import { ProductChoice } from './ProductChoice';
import { entriesOf, type TermValues } from './terms';
import { TimeField } from './TimeField';
import { timeZone } from './times';

/** The pointers of the fields. */
export const PROMOTION_POINTERS = [
  '/name',
  '/code',
  '/reduction',
  '/cap',
  '/scope',
  '/starts_at',
  '/ends_at',
  '/minimum',
  '/total_limit',
  '/customer_limit',
  '/exclusive_group',
  '/priority',
];

interface Props {
  /** The initial values of the fields. */
  values: TermValues;
  errors: ReadonlyMap<string, string>;
  currency: string;
}

/** The fields of a promotion. */
export function PromotionFields({ values, errors, currency }: Props) {
  const error = (pointer: string) => errorAt(errors, pointer);
  const [kind, setKind] = useState(values.kind);
  const [scope, setScope] = useState(values.scope);
  return (
    <>
      <fieldset>
        <legend>Promotion</legend>
        <Field
          label="Name"
          name="name"
          hint="Customers see it."
          maxLength={100}
          defaultValue={values.name}
          error={error('/name')}
        />
        <Field
          label="Code (optional)"
          name="code"
          hint="Customers enter it. Without a code the promotion applies automatically."
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          defaultValue={values.code}
          error={error('/code')}
        />
      </fieldset>
      <fieldset>
        <legend>Discount</legend>
        <div className="field-row">
          <Select label="Takes off" name="kind" value={kind} onChange={({ target }) => setKind(target.value)}>
            <option value="percent">a percentage</option>
            <option value="amount">an amount</option>
          </Select>
          {kind === 'amount' ? (
            <Field
              key="amount"
              label={`Amount in ${currency}`}
              name="amount"
              inputMode="decimal"
              defaultValue={values.amount}
              error={error('/reduction')}
            />
          ) : (
            <Field
              key="percent"
              label="Percent"
              name="percent"
              inputMode="decimal"
              defaultValue={values.percent}
              error={error('/reduction')}
            />
          )}
          <Field
            label={`At most, in ${currency} (optional)`}
            name="cap"
            inputMode="decimal"
            defaultValue={values.cap}
            error={error('/cap')}
          />
        </div>
        {kind === 'amount' && (
          <p className="hint">
            For products and categories the amount is for each piece, otherwise once for the whole order.
          </p>
        )}
        <Select label="Applies to" name="scope" value={scope} onChange={({ target }) => setScope(target.value)}>
          <option value="order">the whole order</option>
          <option value="categories">categories</option>
          <option value="products">products</option>
        </Select>
        {scope === 'categories' && (
          <CategoryChoice initial={entriesOf(values.categories)} error={error('/scope/categories')} />
        )}
        {scope === 'products' && (
          <ProductChoice initial={entriesOf(values.product_ids)} error={error('/scope/product_ids')} />
        )}
      </fieldset>
      <fieldset>
        <legend>Conditions</legend>
        <p className="hint">
          You may leave each of these empty. Times are in the time zone of this browser, {timeZone()}.
        </p>
        <div className="field-row">
          <TimeField label="Starts" name="starts_at" value={values.starts_at} error={error('/starts_at')} />
          <TimeField label="Ends" name="ends_at" value={values.ends_at} error={error('/ends_at')} />
        </div>
        <div className="field-row">
          <Field
            label={`Minimum of list prices in ${currency}`}
            name="minimum"
            inputMode="decimal"
            defaultValue={values.minimum}
            error={error('/minimum')}
          />
          <Field
            label="Most orders"
            name="total_limit"
            inputMode="numeric"
            defaultValue={values.total_limit}
            error={error('/total_limit')}
          />
          <Field
            label="Most orders of one customer"
            name="customer_limit"
            inputMode="numeric"
            defaultValue={values.customer_limit}
            error={error('/customer_limit')}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>Other promotions</legend>
        <div className="field-row">
          <Field
            label="Group (optional)"
            name="exclusive_group"
            hint="Of a group, only the best promotion applies."
            maxLength={64}
            defaultValue={values.exclusive_group}
            error={error('/exclusive_group')}
          />
          <Field
            label="Priority"
            name="priority"
            hint="From -1000 to 1000. A higher one applies first."
            inputMode="text"
            defaultValue={values.priority}
            error={error('/priority')}
          />
        </div>
      </fieldset>
    </>
  );
}
