import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Order } from '../api/client';
import { fieldErrors } from '../api/problem';
import { text } from '../checkout/address';
import { Select } from '../ui/Field';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';
import { CARDS } from './cards';
import { payAgain } from './queries';

/** A form to pay with another card after one was declined. */
export function PayAgainForm({ order, onDone }: { order: Order; onDone: () => void }) {
  const paying = useMutation(payAgain(useQueryClient(), order.id));
  return (
    <Form
      error={paying.error}
      fields={['/payment_method']}
      onSubmit={(form) => !paying.isPending && paying.mutate(text(form, 'payment_method'), { onSuccess: onDone })}
      className="pay-again"
    >
      <Select
        label="Pay with another test card"
        name="payment_method"
        error={fieldErrors(paying.error).get('/payment_method')}
      >
        {CARDS.map(({ token, name }) => (
          <option key={token} value={token}>
            {name}
          </option>
        ))}
      </Select>
      <Submit busy={paying.isPending}>Pay</Submit>
    </Form>
  );
}
