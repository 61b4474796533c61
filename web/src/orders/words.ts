/** The words about an order. */

import type { Order, OrderStatus } from '../api/client';

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

/** Why an order was cancelled, where its owner did not do it. */
const CANCELLED: Record<string, string> = {
  expired: 'it was not paid in time',
  currency_not_supported: 'the shop cannot charge cards in this currency',
  amount_too_small: 'the amount is too small to be charged to a card',
  amount_too_large: 'the amount is too large to be charged to a card',
};

/** `: it was not paid in time`, or nothing. */
const why = (reason: string | null | undefined) => (reason && CANCELLED[reason] ? `: ${CANCELLED[reason]}` : '');

/** The state of an order, in a sentence or two to its owner. */
export function situation({
  status,
  reason,
  shipping_address,
}: Pick<Order, 'status' | 'reason' | 'shipping_address'>): string {
  switch (status) {
    case 'new':
      return 'We have your order and are setting your goods aside.';
    case 'reserved':
      return 'Your goods are set aside. We are charging your card.';
    case 'paid':
      return 'Your payment has arrived. We are packing your order.';
    case 'completed':
      return shipping_address ? 'All done. Your order is on its way to you.' : 'All done. Your order is complete.';
    case 'rejected':
      return `We could not take this order. ${REJECTED[reason ?? ''] ?? 'The shop refused it'}. Nothing was charged.`;
    case 'payment_failed':
      return `Your card was declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}. Your goods stay set aside for a while.`;
    case 'cancelled':
      return `This order is cancelled${why(reason)}. You do not pay for it.`;
    case 'refund_requested':
      return 'Your money is on its way back to your card.';
    case 'refunded':
      return 'Your money is back on your card.';
  }
}

/** The state of an order, in a sentence or two to staff. */
export function staffSituation({ status, reason }: Pick<Order, 'status' | 'reason'>): string {
  switch (status) {
    case 'new':
      return 'The order is placed. Its goods are being reserved.';
    case 'reserved':
      return 'The goods are reserved. The customer’s card is being charged.';
    case 'paid':
      return 'The payment was captured. The order is being completed.';
    case 'completed':
      return 'The order is completed.';
    case 'rejected':
      return `The order was not accepted. ${REJECTED[reason ?? ''] ?? 'The shop refused it'}. Nothing was charged.`;
    case 'payment_failed':
      return `The customer’s card was declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}. The goods stay reserved for a while.`;
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
      return attempt > 1 ? `Goods still set aside, payment tried again (${attempt})` : 'Goods set aside, price fixed';
    case 'paid':
      return 'Payment captured';
    case 'completed':
      return 'Order completed';
    case 'rejected':
      return `Not accepted: ${detail ?? lower(REJECTED[reason ?? ''] ?? 'the shop refused it')}`;
    case 'payment_failed':
      return `Card declined: ${DECLINED[reason ?? ''] ?? 'it was not accepted'}`;
    case 'cancelled':
      return `Order cancelled, goods released${why(reason)}`;
    case 'refund_requested':
      return 'Refund requested';
    case 'refunded':
      return 'Refunded';
  }
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Short enough to say on the phone: the end of the id, which is its random part. */
export function shortId(id: string): string {
  return id.slice(-8);
}

export const mayCancel = (status: OrderStatus): boolean =>
  status === 'new' || status === 'reserved' || status === 'payment_failed';

/** Where the goods were not sold: nothing was charged. */
export const mayOrderAgain = (status: OrderStatus): boolean => status === 'rejected' || status === 'cancelled';

/** Customers while the goods are here; staff afterwards too. */
export const mayRefund = (status: OrderStatus, isStaff: boolean): boolean =>
  status === 'paid' || (isStaff && status === 'completed');
