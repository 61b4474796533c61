import { useMutation, useQueryClient } from '@tanstack/react-query';
import { catalog, type Product } from '../api/client';
import { fieldErrors } from '../api/problem';
import { unwrap } from '../api/transport';
import { text } from '../checkout/address';
import { pieces } from '../ui/format';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';

/** Says how many pieces are in the warehouse. */
export function StockForm({ product: { id, available } }: { product: Product }) {
  const client = useQueryClient();
  const counting = useMutation({
    mutationFn: (on_hand: number) =>
      unwrap(catalog.PUT('/products/{id}/stock', { params: { path: { id } }, body: { on_hand } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['products'] }),
  });
  const { data: stock } = counting;
  return (
    <Form
      error={counting.error}
      fields={['/on_hand']}
      // Anything else than a number, the shop refuses with a word at the field.
      onSubmit={(form) =>
        !counting.isPending && counting.mutate(/^\d+$/.test(text(form, 'on_hand')) ? Number(text(form, 'on_hand')) : -1)
      }
      className="form"
    >
      <h2>Stock</h2>
      <p>{pieces(available)} can be ordered now.</p>
      <Field
        label="Pieces in the warehouse"
        name="on_hand"
        inputMode="numeric"
        hint="As counted, with those that are set aside for orders."
        error={fieldErrors(counting.error).get('/on_hand')}
      />
      <Submit busy={counting.isPending}>Set the stock</Submit>
      <p role="status" className="quiet small">
        {stock && `Saved: ${stock.on_hand} in the warehouse, ${stock.reserved} of them set aside.`}
      </p>
    </Form>
  );
}
