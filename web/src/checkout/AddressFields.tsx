import { Field } from '../ui/Field';

/** Where to deliver. */
export function AddressFields({ errors }: { errors: ReadonlyMap<string, string> }) {
  const error = (field: string) => errors.get(`/shipping_address/${field}`);
  return (
    <>
      <Field label="Name" name="name" autoComplete="shipping name" maxLength={200} error={error('name')} />
      <Field
        label="Street and number"
        name="street"
        autoComplete="shipping street-address"
        maxLength={200}
        error={error('street')}
      />
      <div className="field-row">
        <Field
          label="Postal code"
          name="postal_code"
          autoComplete="shipping postal-code"
          maxLength={200}
          error={error('postal_code')}
        />
        <Field label="Town" name="city" autoComplete="shipping address-level2" maxLength={200} error={error('city')} />
        <Field
          label="Country (2 letters)"
          name="country"
          autoComplete="shipping country"
          maxLength={2}
          error={error('country')}
        />
      </div>
    </>
  );
}
