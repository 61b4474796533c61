import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Order } from '../api/client';
import { sentence } from '../api/problem';
import type { User } from '../session/session';
import { Confirm } from '../ui/Confirm';
import { money } from '../ui/format';
import { OrderAgain } from './OrderAgain';
import { PayAgainForm } from './PayAgainForm';
import { orderAction } from './queries';
import { mayCancel, mayOrderAgain, mayRefund } from './words';

interface Props {
  order: Order;
  user: User;
  /** Called after an action. Its button disappears, so the focus must move. */
  onDone: () => void;
}

/** The actions that the order's status allows. They always take the same space. */
export function Actions({ order, user, onDone }: Props) {
  const client = useQueryClient();
  const cancel = useMutation(orderAction(client, order.id, 'cancel'));
  const refund = useMutation(orderAction(client, order.id, 'refund'));
  const { status } = order;
  const isOwner = user.id === order.user_id;
  const isRefundable = mayRefund(status, user.role === 'staff');
  // An error is shown only while the action is still allowed. Otherwise it belongs to an earlier status.
  const error = (mayCancel(status) && cancel.error) || (isRefundable && refund.error);
  const total = order.total ?? order.expected_total;
  const amount = total ? money(total) : 'The whole amount';

  return (
    <div className="actions">
      {status === 'payment_failed' && isOwner && <PayAgainForm order={order} onDone={onDone} />}
      {mayCancel(status) && (
        <Confirm
          button="Cancel the order"
          question="Cancel this order?"
          yes="Yes, cancel it"
          no="Keep it"
          busy={cancel.isPending}
          onYes={() => cancel.mutate(undefined, { onSuccess: onDone })}
        >
          {`${amount} will not be charged, and the items return to stock. This cannot be undone.`}
        </Confirm>
      )}
      {isRefundable && (
        <Confirm
          button={isOwner ? 'Request a refund' : 'Refund the customer'}
          question={isOwner ? 'Request a refund?' : 'Refund the customer?'}
          yes={total ? `Yes, refund ${amount}` : 'Yes, refund it'}
          no="Keep the order"
          busy={refund.isPending}
          onYes={() => refund.mutate(undefined, { onSuccess: onDone })}
        >
          {`${amount} goes back to the card that was charged, and the order ends. This cannot be undone.`}
        </Confirm>
      )}
      {isOwner && mayOrderAgain(status) && <OrderAgain order={order} />}
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
