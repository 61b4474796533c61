import { Field, TextArea } from '../ui/Field';
import type { Values } from './edit';

interface Props {
  /** The initial values of the fields. */
  values: Values;
  errors: ReadonlyMap<string, string>;
  currency: string;
}

/** The fields of a product. */
export function ProductFields({ values, errors, currency }: Props) {
  return (
    <>
      <Field label="Name" name="name" defaultValue={values.name} error={errors.get('/name')} />
      <TextArea
        label="Description"
        name="description"
        rows={4}
        defaultValue={values.description}
        error={errors.get('/description')}
      />
      <div className="field-row">
        <Field label="SKU" name="sku" defaultValue={values.sku} error={errors.get('/sku')} />
        <Field label="Category" name="category" defaultValue={values.category} error={errors.get('/category')} />
        <Field
          label={`Price in ${currency}`}
          name="price"
          inputMode="decimal"
          defaultValue={values.price}
          error={errors.get('/price/amount_minor') ?? errors.get('/price')}
        />
      </div>
    </>
  );
}
