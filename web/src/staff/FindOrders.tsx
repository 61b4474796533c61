import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { fieldErrors } from '../api/problem';
import { text } from '../checkout/address';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { find, readWanted } from './find';

/** Opens an order by its number, or lists the orders of a customer. */
export function FindOrders() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const finding = useMutation({
    mutationFn: async (typed: string) => find(client, readWanted(typed)),
    onSuccess: (address) => navigate(address),
  });
  return (
    <Form
      error={finding.error}
      fields={['/wanted']}
      onSubmit={(form) => !finding.isPending && finding.mutate(text(form, 'wanted'))}
      className="staff-find"
    >
      <Field
        label="Order number or customer"
        name="wanted"
        type="search"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        error={fieldErrors(finding.error).get('/wanted')}
      />
      <button type="submit" className="button" aria-disabled={finding.isPending}>
        <span className={finding.isPending ? 'busy' : undefined}>Find</span>
      </button>
    </Form>
  );
}
