/** The texts about a delivery, and the progress of its parcel. */

import type { Delivery, DeliveryStatus } from '../api/client';
import type { StepState } from '../orders/timeline';
import type { Tone } from '../orders/words';
import { day } from '../ui/format';

export const DELIVERY: Record<DeliveryStatus, { short: string; tone: Tone }> = {
  created: { short: 'Being prepared', tone: 'waiting' },
  shipped: { short: 'Shipped', tone: 'waiting' },
  in_transit: { short: 'On its way', tone: 'waiting' },
  out_for_delivery: { short: 'Out for delivery', tone: 'waiting' },
  delivered: { short: 'Delivered', tone: 'good' },
  lost: { short: 'Lost', tone: 'bad' },
  returned: { short: 'Returned', tone: 'bad' },
};

type State = Pick<Delivery, 'status' | 'promised_from' | 'promised_to' | 'is_late' | 'address' | 'refusal'>;

/** The state of a delivery in one or two sentences, for its customer. */
export function whereabouts({ status, promised_from, promised_to, is_late, address, refusal }: State): string {
  const when = is_late
    ? `It should have arrived by ${day(promised_to)}. We are sorry that it is late.`
    : `It should arrive between ${day(promised_from)} and ${day(promised_to)}.`;
  switch (status) {
    case 'created':
      if (!address) return 'Enter your address, so that we can send your parcel.';
      if (refusal) return `The carrier does not take your parcel: ${refusal} Please check the address.`;
      return `We are preparing your parcel. ${when}`;
    case 'shipped':
      return `The carrier has your parcel. ${when}`;
    case 'in_transit':
      return `Your parcel is on its way. ${when}`;
    case 'out_for_delivery':
      return 'Your parcel is out for delivery.';
    case 'delivered':
      return 'Your parcel has arrived.';
    case 'lost':
      return 'The carrier has lost your parcel. We will refund your order.';
    case 'returned':
      return 'Your parcel could not be delivered and comes back to us. We will refund your order.';
  }
}

export interface ParcelStep {
  label: string;
  state: StepState;
  /** The time when the step was reached. */
  at?: string | undefined;
}

const WAY = ['created', 'shipped', 'in_transit', 'out_for_delivery', 'delivered'] as const;
const LABELS = ['Prepared', 'Shipped', 'On its way', 'Out for delivery', 'Delivered'];
/** The carrier's names of the steps. */
const REPORTS = [undefined, 'accepted', 'in_transit', 'out_for_delivery', 'delivered'];

/** The five steps of a parcel. A lost or returned parcel fails at the last step. */
export function parcelSteps({ status, created_at, reports }: Pick<Delivery, 'status' | 'created_at' | 'reports'>) {
  const at = (step: number) =>
    step === 0 ? created_at : reports.find((report) => report.status === REPORTS[step])?.at;
  const isFailed = status === 'lost' || status === 'returned';
  const reached = isFailed ? reports.filter(({ status }) => REPORTS.includes(status)).length : WAY.indexOf(status);
  return LABELS.map((label, step): ParcelStep => {
    if (isFailed && step === WAY.length - 1) {
      const end = reports.find((report) => report.status === status);
      return { label: DELIVERY[status].short, state: 'failed', at: end?.at };
    }
    if (step <= reached) return { label, state: 'done', at: at(step) };
    if (isFailed) return { label, state: 'skipped' };
    return { label, state: step === reached + 1 ? 'current' : 'waiting' };
  });
}
