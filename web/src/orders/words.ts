/** The texts about an order. */

import type { Money, Order, OrderLine, OrderStatus } from '../api/client';
import { sum } from '../ui/format';

export type Tone = 'waiting' | 'good' | 'bad' | 'quiet';

interface Words {
  /** One or two words, for lists. */
  short: string;
  tone: Tone;
}

export const STATUS: Record<OrderStatus, Words> = {
  new: { short: 'Received', tone: 'waiting' },
  reserved: { short: 'Charging', tone: 'waiting' },
  rejected: { short: 'Not accepted', tone: 'bad' },
  paid: { short: 'Paid', tone: 'waiting' },
  payment_failed: { short: 'Card declined', tone: 'bad' },
  cancelled: { short: 'Cancelled', tone: 'quiet' },
  completed: { short: 'Completed', tone: 'good' },
  refund_requested: { short: 'Refunding', tone: 'waiting' },
  refunded: { short: 'Refunded', tone: 'quiet' },
};

const REJECTED: Record<string, string> = {
  out_of_stock: 'There was not enough in stock',
  unknown_product: 'Something in it is no longer sold',
  price_changed: 'A price changed before the order was placed',
  discount_unavailable: 'A discount code could not be used',
};

/** The provider's codes: https://docs.stripe.com/declines/codes */
const DECLINED: Record<string, string> = {
  generic_decline: 'the bank gave no reason',
  insufficient_funds: 'insufficient funds',
  lost_card: 'it was reported lost',
  stolen_card: 'it was reported stolen',
  expired_card: 'it has expired',
  incorrect_cvc: 'its security code is wrong',
  processing_error: 'an error occurred while it was charged',
  fraudulent: 'the payment was blocked',
  card_velocity_exceeded: 'its limit is reached',
};

/** The reasons of a cancellation that is not the customer's. */
const CANCELLED: Record<string, string> = {
  expired: 'it was not paid in time',
  currency_not_supported: 'the shop cannot charge cards in this currency',
  amount_too_small: 'the amount is too small to be charged to a card',
  amount_too_large: 'the amount is too large to be charged to a card',
};

/** `: it was not paid in time`, or nothing. */
const why = (reason: string | null | undefined) => (reason && CANCELLED[reason] ? `: ${CANCELLED[reason]}` : '');

/** The status of an order in one or two sentences, for its customer. */
export function situation({
  status,
  reason,
  detail,
  shipping_address,
}: Pick<Order, 'status' | 'reason' | 'detail' | 'shipping_address'>): string {
  switch (status) {
    case 'new':
      return 'We have your order and are reserving your items.';
    case 'reserved':
      return 'Your items are reserved. We are charging your card.';
    case 'paid':
      return 'Your payment has arrived. We are packing your order.';
    case 'completed':
      return shipping_address ? 'All done. We send your order to you.' : 'All done. Your order is complete.';
    case 'rejected':
      // Only this sentence says which code it was, and why.
      if (reason === 'discount_unavailable' && detail) {
        return `We could not accept this order. ${detail} Nothing was charged.`;
      }
      return `We could not accept this order. ${REJECTED[reason ?? ''] ?? 'The shop refused it'}. Nothing was charged.`;
    case 'payment_failed':
      return `Your card was declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}. Your items stay reserved for a while.`;
    case 'cancelled':
      return `This order is cancelled${why(reason)}. You do not pay for it.`;
    case 'refund_requested':
      return 'Your money is on its way back to your card.';
    case 'refunded':
      return 'Your money is back on your card.';
  }
}

/** The status of an order in one or two sentences, for staff. */
export function staffSituation({ status, reason }: Pick<Order, 'status' | 'reason'>): string {
  switch (status) {
    case 'new':
      return 'The order is placed. Its items are being reserved.';
    case 'reserved':
      return 'The items are reserved. The customer’s card is being charged.';
    case 'paid':
      return 'The payment was captured. The order is being completed.';
    case 'completed':
      return 'The order is completed.';
    case 'rejected':
      return `The order was not accepted. ${REJECTED[reason ?? ''] ?? 'The shop refused it'}. Nothing was charged.`;
    case 'payment_failed':
      return `The customer’s card was declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}. The items stay reserved for a while.`;
    case 'cancelled':
      return `The order is cancelled${why(reason)}. The customer does not pay for it.`;
    case 'refund_requested':
      return 'The refund to the customer’s card is in progress.';
    case 'refunded':
      return 'The customer was refunded.';
  }
}

/** A step of an order's history. */
export function step(
  { status, reason, detail }: { status: OrderStatus; reason?: string | null; detail?: string | null },
  attempt: number,
): string {
  switch (status) {
    case 'new':
      return 'Order placed';
    case 'reserved':
      return attempt > 1 ? `Items still reserved, payment tried again (${attempt})` : 'Items reserved, price fixed';
    case 'paid':
      return 'Payment captured';
    case 'completed':
      return 'Order completed';
    case 'rejected':
      return `Not accepted: ${detail ?? lower(REJECTED[reason ?? ''] ?? 'the shop refused it')}`;
    case 'payment_failed':
      return `Card declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}`;
    case 'cancelled':
      return `Order cancelled, items released${why(reason)}`;
    case 'refund_requested':
      return 'Refund requested';
    case 'refunded':
      return 'Refunded';
  }
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The sums of the list prices and of the discounts of these lines, or null if they have no discounts. */
export function discountOf(lines: readonly OrderLine[]): { list: Money; off: Money } | null {
  const list = sum(lines.map(({ unit_price, quantity }) => ({ price: unit_price, quantity })));
  const off = sum(
    lines.flatMap(({ adjustments = [] }) => adjustments).map(({ amount }) => ({ price: amount, quantity: 1 })),
  );
  return list && off && { list, off };
}

/** A short order number: the end of the id, which is random. */
export function shortId(id: string): string {
  return id.slice(-8);
}

export const mayCancel = (status: OrderStatus): boolean =>
  status === 'new' || status === 'reserved' || status === 'payment_failed';

/** Whether the order ended without a charge, so that it can be ordered again. */
export const mayOrderAgain = (status: OrderStatus): boolean => status === 'rejected' || status === 'cancelled';

/** Customers may refund before the order is completed, staff also afterwards. */
export const mayRefund = (status: OrderStatus, isStaff: boolean): boolean =>
  status === 'paid' || (isStaff && status === 'completed');
