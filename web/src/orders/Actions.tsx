import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Order } from '../api/client';
import { sentence } from '../api/problem';
import type { User } from '../session/session';
import { PayAgainForm } from './PayAgainForm';
import { orderAction } from './queries';
import { mayCancel, mayRefund } from './words';

/** What can be done with an order now. It takes the same room whatever that is. */
export function Actions({ order, user }: { order: Order; user: User }) {
  const client = useQueryClient();
  const cancel = useMutation(orderAction(client, order.id, 'cancel'));
  const refund = useMutation(orderAction(client, order.id, 'refund'));
  const { status } = order;
  const isOwner = user.id === order.user_id;
  // A refusal is about a status that the order has left by now, as soon as it shows another one.
  const error = (mayCancel(status) && cancel.error) || (mayRefund(status, user.role === 'staff') && refund.error);

  return (
    <div className="actions">
      {status === 'payment_failed' && isOwner && <PayAgainForm order={order} />}
      {mayCancel(status) && (
        <ActionButton busy={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel the order
        </ActionButton>
      )}
      {mayRefund(status, user.role === 'staff') && (
        <ActionButton busy={refund.isPending} onClick={() => refund.mutate()}>
          {isOwner ? 'I want my money back' : 'Refund the customer'}
        </ActionButton>
      )}
      {isOwner && !mayCancel(status) && status !== 'paid' && (
        <Link href="/" className="button">
          Back to the shop
        </Link>
      )}
      {error && (
        <p className="field-error" role="alert">
          {sentence(error)}
        </p>
      )}
    </div>
  );
}

function ActionButton({ busy, onClick, children }: { busy: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" className="button" aria-disabled={busy} onClick={() => !busy && onClick()}>
      <span className={busy ? 'busy' : undefined}>{children}</span>
    </button>
  );
}
