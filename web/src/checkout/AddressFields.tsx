import { Field, Select } from '../ui/Field';
import { COUNTRIES } from './countries';

/** The fields of the delivery address. */
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
        <Select label="Country" name="country" autoComplete="shipping country" error={error('country')}>
          <option value="">Choose a country</option>
          {COUNTRIES.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </div>
    </>
  );
}
