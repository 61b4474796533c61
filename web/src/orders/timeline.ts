/** The progress of an order in four steps. There are always four, so that the page does not move. */

import type { HistoryEntry, OrderStatus } from '../api/client';

export type StepState = 'done' | 'current' | 'waiting' | 'failed' | 'skipped';

export interface Step {
  key: 'placed' | 'reserved' | 'paid' | 'end';
  label: string;
  state: StepState;
  /** The time when the step was reached. */
  at?: string;
}

type Row = readonly [StepState, StepState, StepState, StepState];

const ROWS: Record<OrderStatus, Row> = {
  new: ['done', 'current', 'waiting', 'waiting'],
  reserved: ['done', 'done', 'current', 'waiting'],
  rejected: ['done', 'failed', 'skipped', 'skipped'],
  paid: ['done', 'done', 'done', 'current'],
  payment_failed: ['done', 'done', 'failed', 'waiting'],
  cancelled: ['done', 'skipped', 'skipped', 'failed'],
  completed: ['done', 'done', 'done', 'done'],
  refund_requested: ['done', 'done', 'done', 'current'],
  refunded: ['done', 'done', 'done', 'done'],
};

const END: Partial<Record<OrderStatus, string>> = {
  cancelled: 'Cancelled',
  refund_requested: 'Refunded',
  refunded: 'Refunded',
};

/** The steps of an order with this status and history. */
export function timeline(status: OrderStatus, history: readonly HistoryEntry[]): Step[] {
  const [placed, reserved, paid, end] = ROWS[status];
  const at = (wanted: OrderStatus) => history.findLast((entry) => entry.status === wanted)?.at;
  const steps: Step[] = [
    { key: 'placed', label: 'Placed', state: placed, at: at('new') },
    {
      key: 'reserved',
      label: status === 'rejected' ? 'Not available' : 'Reserved',
      state: reserved,
      at: at(status === 'rejected' ? 'rejected' : 'reserved'),
    },
    {
      key: 'paid',
      label: status === 'payment_failed' ? 'Declined' : 'Paid',
      state: paid,
      at: at(status === 'payment_failed' ? 'payment_failed' : 'paid'),
    },
    { key: 'end', label: END[status] ?? 'Completed', state: end, at: at(status in END ? status : 'completed') },
  ];
  if (status === 'cancelled' && at('reserved') !== undefined) steps[1] = { ...steps[1], state: 'done' } as Step;
  return steps.map((step) => (reached(step.state) ? step : { ...step, at: undefined }));
}

function reached(state: StepState): boolean {
  return state === 'done' || state === 'failed';
}
