import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { orders, type PlaceOrder } from '../api/client';
import { fieldErrors, passes } from '../api/problem';
import { unwrap } from '../api/transport';
import { changeBasket, useBasket } from '../basket/useBasket';
import { useOffers } from '../basket/useOffers';
import { CARDS } from '../orders/cards';
import { keepOrder } from '../orders/queries';
import { money } from '../ui/format';
import { Form } from '../ui/Form';
import { Page } from '../ui/Page';
import { Empty } from '../ui/states';
import { Submit } from '../ui/Submit';
import { TextArea } from '../ui/Field';
import { ADDRESS_FIELDS, readAddress, text } from './address';
import { AddressFields } from './AddressFields';
import { answered, keyFor } from './attempt';
import { CardChoice } from './CardChoice';

/** Sends the order until it is answered: with its key, it is one order however often it is sent. */
function usePlaceOrder() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (body: PlaceOrder) =>
      unwrap(orders.POST('/orders', { body, params: { header: { 'Idempotency-Key': keyFor(body) } } })),
    retry: (failures, error) => failures < 3 && passes(error),
    retryDelay: (failure) => 500 * 2 ** failure,
    onSuccess: (order) => {
      answered();
      keepOrder(client, order);
      navigate(`/orders/${order.id}`, { replace: true });
      changeBasket({ do: 'empty' });
    },
  });
}

export function CheckoutPage() {
  const { offers, total, canOrder } = useOffers(useBasket());
  const placing = usePlaceOrder();
  const errors = fieldErrors(placing.error);

  if (total === null && !placing.isSuccess) {
    return (
      <Page title="Checkout">
        <Empty title="There is nothing in your basket to order.">
          <Link href="/" className="button">
            Look around the shop
          </Link>
        </Empty>
      </Page>
    );
  }

  const submit = (form: FormData) => {
    if (placing.isPending || total === null) return;
    const note = text(form, 'note');
    const address = readAddress(form);
    placing.mutate({
      items: offers.map(({ line: { product, quantity } }) => ({ product_id: product.id, quantity })),
      payment_method: text(form, 'payment_method') || CARDS[0].token,
      expected_total: total,
      ...(address && { shipping_address: address }),
      ...(note !== '' && { note }),
    });
  };
  const fields = ['/note', '/payment_method', ...ADDRESS_FIELDS.map((field) => `/shipping_address/${field}`)];

  return (
    <Page title="Checkout">
      <Form error={placing.error} fields={fields} onSubmit={submit} className="with-aside">
        <div className="form">
          <fieldset>
            <legend>Payment</legend>
            <p className="hint">Test cards of the payment provider. No money moves.</p>
            <CardChoice error={errors.get('/payment_method')} />
          </fieldset>
          <fieldset>
            <legend>Delivery</legend>
            <p className="hint">Leave it empty if you like: in this demonstration nothing is sent.</p>
            <AddressFields errors={errors} />
            <TextArea label="A word to the shop" name="note" rows={2} maxLength={500} error={errors.get('/note')} />
          </fieldset>
        </div>
        <aside className="panel" aria-label="Your order">
          <ul className="summary">
            {offers.map(({ line: { quantity }, product }) => (
              <li key={product.id}>
                <span>
                  {quantity} × {product.name}
                </span>
                <span>{money({ ...product.price, amount_minor: product.price.amount_minor * quantity })}</span>
              </li>
            ))}
          </ul>
          <dl className="sums">
            <dt className="sum-total">Total</dt>
            <dd className="sum-total">{total && money(total)}</dd>
          </dl>
          {canOrder || total === null ? (
            <Submit busy={placing.isPending}>Place the order</Submit>
          ) : (
            <p className="field-error">
              Something in your <Link href="/basket">basket</Link> can no longer be ordered like this.
            </p>
          )}
        </aside>
      </Form>
    </Page>
  );
}
