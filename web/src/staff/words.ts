/** The texts of the staff pages. */

import type { ParkedSummary, Queue } from '../api/client';
import { Refused, sentence } from '../api/problem';
import type { Tone } from '../orders/words';

export const KIND: Record<Queue['kind'], string> = {
  work: 'Work on orders',
  other: 'Queue of another program',
  retry: 'Messages that wait for a retry',
  parking: 'Failed messages that are not stored yet',
  push: 'Live updates for one replica of order-service',
};

/** The problem of a queue, in one or two words. */
export function concern({ kind, ready, consumers }: Queue): { words: string; tone: Tone } | null {
  if (kind === 'work' && consumers === 0) return { words: 'No workers', tone: 'bad' };
  if (kind === 'parking' && ready > 0) return { words: 'Waits for operations-service', tone: 'waiting' };
  return null;
}

/** The text of an error for staff, who may see which part of the system does not answer. */
export function plainly(error: unknown): string {
  return error instanceof Refused && error.problem !== undefined && error.status !== 500
    ? error.problem.detail
    : sentence(error);
}

const STEPS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `3 minutes ago`, in the largest unit that is at least one. */
export function ago(iso: string, now: number): string {
  const age = Math.max(0, now - Date.parse(iso));
  const [length, unit] = STEPS.find(([length]) => age >= length) ?? [1_000, 'second'];
  return AGO.format(-Math.floor(age / length), unit);
}

/** `412 bytes`, `16.0 MiB` */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KiB'] : [bytes / 1024 / 1024, 'MiB'];
  return `${amount.toFixed(1)} ${unit}`;
}

/** JSON with indents. Other text stays unchanged. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The page of the message's order, or null, because the order's id may be any text. */
export function orderAddress({ order_id }: ParkedSummary): string | null {
  return order_id != null && UUID.test(order_id) ? `/orders/${order_id}` : null;
}

/** The result of the last action on a parked message. */
export interface Done {
  /** The number of actions so far. */
  count: number;
  /** The message. */
  message: ParkedSummary | null;
  /** A sentence about the outcome. */
  result: string;
}

/** The notice after an action. A message that is in the list again, under a new id, has failed again. */
export function notice({ message, result }: Done, parked: readonly ParkedSummary[]): { words: string; tone: Tone } {
  const name = message?.message_id;
  const isBack = name != null && parked.some((other) => other.message_id === name && other.id !== message?.id);
  return isBack ? { words: 'The message failed again and is parked.', tone: 'bad' } : { words: result, tone: 'good' };
}
