import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { fieldErrors, Invalid, isMissing } from '../api/problem';
import { text } from '../checkout/address';
import { customerQuery } from '../orders/CustomerLink';
import { orderQuery } from '../orders/queries';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { readNumber } from './draft';

async function exists(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Opens the order with this number, or lists the orders of the customer with this number. */
export function FindOrders() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const finding = useMutation({
    mutationFn: async (typed: string) => {
      const id = readNumber(typed);
      if (await exists(client.query(orderQuery(id)))) return `/orders/${id}`;
      if (await exists(client.query(customerQuery(id)))) return `/staff/orders?customer=${id}`;
      throw new Invalid([{ pointer: '/number', detail: 'No order and no customer has this number.' }]);
    },
    onSuccess: (address) => navigate(address),
  });
  return (
    <Form
      error={finding.error}
      fields={['/number']}
      onSubmit={(form) => !finding.isPending && finding.mutate(text(form, 'number'))}
      className="staff-find"
    >
      <Field
        label="Order or customer number"
        name="number"
        type="search"
        autoComplete="off"
        maxLength={100}
        error={fieldErrors(finding.error).get('/number')}
      />
      <button type="submit" className="button" aria-disabled={finding.isPending}>
        <span className={finding.isPending ? 'busy' : undefined}>Find</span>
      </button>
    </Form>
  );
}
