import { useMutation, useQueryClient } from '@tanstack/react-query';
import { catalog, type Product } from '../api/client';
import { fieldErrors } from '../api/problem';
import { unwrap } from '../api/transport';
import { text } from '../checkout/address';
import { pieces } from '../ui/format';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';
import { readCount } from './draft';

/** Sets the number of pieces in the warehouse. */
export function StockForm({ product: { id, available } }: { product: Product }) {
  const client = useQueryClient();
  const counting = useMutation({
    mutationFn: async (pieces: string) => {
      const body = { on_hand: readCount(pieces) };
      return unwrap(catalog.PUT('/products/{id}/stock', { params: { path: { id } }, body }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['products'] }),
  });
  const { data: stock } = counting;
  return (
    <Form
      error={counting.error}
      fields={['/on_hand']}
      onSubmit={(form) => !counting.isPending && counting.mutate(text(form, 'on_hand'))}
      className="form"
    >
      <h2>Stock</h2>
      <p>{pieces(available)} available to order.</p>
      <Field
        label="Pieces in the warehouse"
        name="on_hand"
        inputMode="numeric"
        hint="All counted pieces, including those reserved for orders."
        error={fieldErrors(counting.error).get('/on_hand')}
      />
      <Submit busy={counting.isPending}>Update stock</Submit>
      <p role="status" className="quiet small">
        {stock && `Saved: ${stock.on_hand} in the warehouse, ${stock.reserved} of them reserved.`}
      </p>
    </Form>
  );
}
